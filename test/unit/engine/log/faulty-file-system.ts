import { nodeFileSystem, type LogFile, type LogFileSystem } from "../../../../src/engine/log/file-system.ts";

/**
 * The real file system, except below the folders for which a fault is set: there writes stop half-way with an error,
 * or wait. Root may write anywhere and a full disk is seldom at hand, so this is how they are had.
 */
export class FaultyFileSystem implements LogFileSystem {
  readonly #faults = new Map<string, string>();
  readonly #gates = new Map<string, { readonly opened: Promise<void>; readonly open: () => void }>();
  /** Operations that met a fault. */
  refusedCount = 0;

  /** From now on everything below the folder fails with this code; undefined: works again. */
  fail(folder: string, code: string | undefined): void {
    if (code === undefined) this.#faults.delete(folder);
    else this.#faults.set(folder, code);
  }

  /** Writes below the folder wait from now on. */
  hang(folder: string): void {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    this.#gates.set(folder, { opened, open });
  }

  resume(folder: string): void {
    this.#gates.get(folder)?.open();
    this.#gates.delete(folder);
  }

  async makeFolder(path: string): Promise<void> {
    this.#check(path);
    await nodeFileSystem.makeFolder(path);
  }

  async createFile(path: string): Promise<LogFile> {
    this.#check(path);
    const file = await nodeFileSystem.createFile(path);
    return {
      write: async (chunks, position) => {
        await this.#gates.get(this.#folderOf(path, this.#gates))?.opened;
        const whole = Buffer.concat([...chunks]);
        try {
          this.#check(path);
        } catch (thrown) {
          await file.write([whole.subarray(0, whole.length / 2)], position);
          throw thrown;
        }
        await file.write(chunks, position);
      },
      truncate: (bytes) => file.truncate(bytes),
      sync: () => file.sync(),
      close: () => file.close(),
    };
  }

  list(path: string): Promise<readonly string[]> {
    return nodeFileSystem.list(path);
  }
  stat(path: string): Promise<{ readonly bytes: number; readonly modifiedMs: number }> {
    return nodeFileSystem.stat(path);
  }
  read(path: string): Promise<Uint8Array> {
    return nodeFileSystem.read(path);
  }
  removeFile(path: string): Promise<void> {
    return nodeFileSystem.removeFile(path);
  }
  removeFolder(path: string): Promise<void> {
    return nodeFileSystem.removeFolder(path);
  }

  #check(path: string): void {
    const code = this.#faults.get(this.#folderOf(path, this.#faults));
    if (code === undefined) return;
    this.refusedCount++;
    throw Object.assign(new Error(`${code}: as the test wants it`), { code });
  }

  #folderOf(path: string, folders: ReadonlyMap<string, unknown>): string {
    return [...folders.keys()].find((folder) => path.startsWith(folder)) ?? "";
  }
}
