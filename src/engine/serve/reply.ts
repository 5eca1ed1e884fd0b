import type { Sliced } from "../query/slices.ts";

/** What a request to the API is answered with. */
export interface ApiReply {
  readonly status: number;
  readonly contentType: string;
  /** Text as a whole, or what writes it piece by piece, for as long as the reader keeps up. */
  readonly body: string | ((write: (text: string) => void) => Sliced<unknown>);
}

/** The codes of `google.rpc.Code` that replies of this API carry. */
const CODE_OF_STATUS: Readonly<Record<number, number>> = { 400: 3, 403: 7, 404: 5, 405: 12, 413: 8, 500: 13 };
const CODE_UNKNOWN = 2;

export function jsonReply(value: unknown): ApiReply {
  return { status: 200, contentType: JSON_TYPE, body: JSON.stringify(value) };
}

/** An error as Jaeger's description of its API has it: a `google.rpc.Status`. */
export function errorReply(status: number, message: string): ApiReply {
  const code = CODE_OF_STATUS[status] ?? CODE_UNKNOWN;
  return { status, contentType: JSON_TYPE, body: JSON.stringify({ code, message, details: [] }) };
}

export const JSON_TYPE = "application/json";
