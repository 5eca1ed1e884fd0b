import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { runInSlices } from "../query/slices.ts";
import type { ApiReply } from "./reply.ts";

/**
 * Writes a body as it is made, in slices, and no faster than it is read: where the reader falls behind, the next slice
 * waits. A reader that goes away ends it.
 */
export async function writeSlices(
  response: ServerResponse,
  body: Exclude<ApiReply["body"], string>,
  gone: AbortSignal,
): Promise<void> {
  let pending: string[] = [];
  let length = 0;
  const flush = (): void => {
    if (length > 0) response.write(pending.join(""));
    pending = [];
    length = 0;
  };
  const work = body((text) => {
    pending.push(text);
    length += text.length;
    if (length >= BLOCK) flush();
  });
  try {
    const written = await runInSlices(work, gone, async () => {
      if (response.writableNeedDrain) await once(response, "drain", { signal: gone });
    });
    if (!written.ok) return;
    flush();
    response.end();
  } catch {
    // Half a reply that looks whole would be worse than a broken connection.
    response.destroy();
  }
}

/** Characters that are written together. */
const BLOCK = 64 * 1024;
