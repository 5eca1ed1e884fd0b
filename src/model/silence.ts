/** Outside any run nobody says when a program ended: ten minutes in which nothing of a trace was heard count as its end. */
export const SILENCE_MS = 600_000;
