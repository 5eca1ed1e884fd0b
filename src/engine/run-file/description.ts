import { isSessionId, type RunNumber, type SessionId } from "../../model/ids.ts";

/** A run as the file that holds it tells of it. Its number counts within the file only. */
export interface SavedRun {
  readonly number: RunNumber;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  readonly endMs: number | undefined;
  readonly sessions: readonly SavedSession[];
}

export interface SavedSession {
  readonly id: SessionId;
  readonly name: string;
}

/** What stands at the beginning of a run file, in JSON; readable in every version of the format. */
export interface RunFileDescription {
  /** The version of Spanlight that wrote the file: it, or a later one, can read it. */
  readonly madeBy: string;
  readonly savedMs: number;
  readonly runs: readonly SavedRun[];
}

const strictText = new TextDecoder("utf-8", { fatal: true });

export function encodeDescription(description: RunFileDescription): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(description));
}

/** Undefined for what is no description. Runs and sessions that make no sense are left out, the others count. */
export function decodeDescription(bytes: Uint8Array): RunFileDescription | undefined {
  let value: unknown;
  try {
    value = JSON.parse(strictText.decode(bytes));
  } catch {
    return undefined;
  }
  if (!isRecord(value) || typeof value["madeBy"] !== "string" || !isTime(value["savedMs"])) return undefined;
  return {
    madeBy: value["madeBy"],
    savedMs: value["savedMs"],
    runs: listOf(value["runs"], savedRun),
  };
}

function savedRun(value: Readonly<Record<string, unknown>>): SavedRun | undefined {
  const { number, name, startMs, endMs, sessions } = value;
  if (!isRunNumber(number) || typeof name !== "string" || !isTime(startMs)) return undefined;
  return {
    number,
    name,
    startMs,
    endMs: isTime(endMs) ? endMs : undefined,
    sessions: listOf(sessions, savedSession),
  };
}

function savedSession({ id, name }: Readonly<Record<string, unknown>>): SavedSession | undefined {
  return isSessionId(id) && typeof name === "string" ? { id, name } : undefined;
}

function listOf<T>(
  value: unknown,
  read: (item: Readonly<Record<string, unknown>>) => T | undefined,
): readonly T[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => (isRecord(item) ? (read(item) ?? []) : []));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isRunNumber(value: unknown): value is RunNumber {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) <= 0xffff_ffff;
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
