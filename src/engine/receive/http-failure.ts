import type { Failure } from "./export-reply.ts";

/** A request that gets an error for a reply. */
export interface HttpFailure extends Failure {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
}
