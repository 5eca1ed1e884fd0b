import { baseNameOf, extensionOf } from "../../src/host/source/slash-path.ts";
import type { SourceWorld } from "../../src/host/source/source-world.ts";
import type { SourceCase } from "./source-case.ts";

/** A workspace in memory, as a case describes it. */
export function worldOf({ platform, folders, files, links, symbols, environment }: SourceCase): SourceWorld {
  const foldsCase = platform !== "posix";
  const fold = (path: string): string => (foldsCase ? path.toLowerCase() : path);
  const spelled = new Map([...files.keys()].map((path) => [fold(path), path]));
  const followed = (path: string): string => {
    for (const [link, target] of links)
      if (fold(path) === fold(link) || fold(path).startsWith(`${fold(link)}/`))
        return target + path.slice(link.length);
    return path;
  };
  const actual = (path: string): string | undefined => spelled.get(fold(followed(path)));
  const own = [...files.keys()]
    .filter((path) => !/\/(?:node_modules|\.git|site-packages|\.venv)\//.test(path))
    .filter((path) => folders.some((folder) => fold(path).startsWith(`${fold(folder.path)}/`)))
    .sort((one, other) => one.length - other.length || (one < other ? -1 : 1));
  return {
    windows: platform === "windows",
    foldsCase,
    folders,
    environment,
    actual: (path) => Promise.resolve(actual(path)),
    read: (path) => Promise.resolve(files.get(actual(path) ?? "")),
    named: (baseName) => Promise.resolve(own.filter((path) => fold(baseNameOf(path)) === fold(baseName))),
    sources: (extensions, max) =>
      Promise.resolve(own.filter((path) => extensions.includes(extensionOf(path))).slice(0, max)),
    symbols: (name) => Promise.resolve(symbols.filter((symbol) => symbol.name.includes(name))),
  };
}
