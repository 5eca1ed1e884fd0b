/** What the command ends with; docs/headless.md lists them. */
export const EXIT = { done: 0, input: 1, usage: 2, listen: 3, output: 4, fault: 70 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the command: one line on standard error, and an exit code. */
export class Failure extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Prints a problem as one line, whatever its text holds. */
export function complain(message: string): void {
  process.stderr.write(`spanlight: ${printable(message)}\n`);
}

/** Text for a terminal: received text could hold sequences that move its cursor or worse. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, "\ufffd");
}
