/** A folder of the workspace. Paths have `/` between their segments and, on Windows, begin with a drive in capitals. */
export interface WorkspaceFolder {
  readonly name: string;
  readonly path: string;
}

/** A symbol that a language's extension found. */
export interface FoundSymbol {
  readonly name: string;
  readonly container: string;
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

/** All that finding a source needs of the machine and the editor. Nothing here throws or rejects. */
export interface SourceWorld {
  /** Paths have drives. */
  readonly windows: boolean;
  /** Whether paths that differ only in case are the same file. */
  readonly foldsCase: boolean;
  readonly folders: readonly WorkspaceFolder[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The path as the file system spells it, links followed where they lead into the workspace; undefined where no file is. */
  actual(path: string): Promise<string | undefined>;
  /** A file's text; undefined where there is none, or it is too large to be a source. */
  read(path: string): Promise<string | undefined>;
  /** The workspace's files of this base name, shortest path first, without those of dependencies. */
  named(baseName: string): Promise<readonly string[]>;
  /** The workspace's sources with one of these extensions, at most `max`, without those of dependencies. */
  sources(extensions: readonly string[], max: number): Promise<readonly string[]>;
  /** What the languages' extensions know under this name; empty where none answers. */
  symbols(name: string): Promise<readonly FoundSymbol[]>;
}
