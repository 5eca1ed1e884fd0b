import { mkdir, open, readdir, readFile, rm, rmdir, stat, type FileHandle } from "node:fs/promises";

/** The few operations that the log needs of a file system. Every one rejects with Node's errors, whose `code` says why. */
export interface LogFileSystem {
  /** With its parents; one that exists is fine. */
  makeFolder(path: string): Promise<void>;
  /** Makes a new file; one that exists is an error. */
  createFile(path: string): Promise<LogFile>;
  /** Names in a folder. */
  list(path: string): Promise<readonly string[]>;
  stat(path: string): Promise<{ readonly bytes: number; readonly modifiedMs: number }>;
  read(path: string): Promise<Uint8Array>;
  removeFile(path: string): Promise<void>;
  /** Only where it is empty. */
  removeFolder(path: string): Promise<void>;
}

export interface LogFile {
  /** Writes all of it at `position`, or rejects. When it resolves, the operating system has the bytes and the file is still in its folder. */
  write(chunks: readonly Uint8Array[], position: number): Promise<void>;
  truncate(bytes: number): Promise<void>;
  /** Puts on the device what the operating system holds. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export const nodeFileSystem: LogFileSystem = {
  makeFolder: async (path) => {
    await mkdir(path, { recursive: true });
  },
  createFile: async (path) => nodeFile(path, await open(path, "wx")),
  list: (path) => readdir(path),
  stat: async (path) => {
    const { size, mtimeMs } = await stat(path);
    return { bytes: size, modifiedMs: mtimeMs };
  },
  read: (path) => readFile(path),
  removeFile: (path) => rm(path),
  removeFolder: (path) => rmdir(path),
};

async function nodeFile(path: string, handle: FileHandle): Promise<LogFile> {
  // Some file systems count no links at all; there a removed file cannot be told from one that is there.
  const countsLinks = (await handle.stat()).nlink > 0;
  return {
    async write(chunks, position) {
      let left = chunks;
      let at = position;
      while (left.length > 0) {
        const { bytesWritten } = await handle.writev([...left], at);
        at += bytesWritten;
        left = after(left, bytesWritten);
      }
      // A file that was removed while it is open takes bytes without complaint, and loses them.
      if (countsLinks && (await handle.stat()).nlink === 0) {
        throw Object.assign(new Error(`the file was removed: ${path}`), { code: "ENOENT" });
      }
    },
    truncate: (bytes) => handle.truncate(bytes),
    sync: () => handle.datasync(),
    close: () => handle.close(),
  };
}

/** What is left of the chunks after their first `written` bytes. */
function after(chunks: readonly Uint8Array[], written: number): readonly Uint8Array[] {
  let skipped = written;
  for (const [index, chunk] of chunks.entries()) {
    if (skipped < chunk.length) return [chunk.subarray(skipped), ...chunks.slice(index + 1)];
    skipped -= chunk.length;
  }
  return [];
}
