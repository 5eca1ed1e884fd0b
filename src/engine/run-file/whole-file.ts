import { randomBytes } from "node:crypto";
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { err, ok, type Problem, type Result } from "../../base/result.ts";
import { cannotWrite, interrupted } from "./problems.ts";

/** A file that grows at its end. */
export interface GrowingFile {
  readonly bytes: number;
  append(bytes: Uint8Array): Promise<void>;
}

/**
 * Writes a file that stands under its name only once it is complete: until then it is `<path>.<random>.partial`, which
 * is removed where something fails. Never rejects.
 * @param write answers undefined where it was cancelled
 */
export async function writeWholeFile<Value>(
  path: string,
  write: (file: GrowingFile) => Promise<Value | undefined>,
): Promise<Result<Value, Problem>> {
  const partial = `${path}.${randomBytes(4).toString("hex")}.partial`;
  let file: FileHandle | undefined;
  try {
    file = await open(partial, "wx");
    const written = await write(new OpenFile(file));
    if (written === undefined) return err(interrupted(path));
    await file.datasync();
    await file.close();
    file = undefined;
    await rename(partial, path);
    return ok(written);
  } catch (thrown) {
    return err(cannotWrite(path, thrown));
  } finally {
    await file?.close().catch(() => undefined);
    // Where it was renamed there is none any more.
    await rm(partial, { force: true }).catch(() => undefined);
  }
}

class OpenFile implements GrowingFile {
  readonly #file: FileHandle;
  #bytes = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  get bytes(): number {
    return this.#bytes;
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      const { bytesWritten } = await this.#file.write(
        bytes,
        written,
        bytes.length - written,
        this.#bytes + written,
      );
      written += bytesWritten;
    }
    this.#bytes += bytes.length;
  }
}
