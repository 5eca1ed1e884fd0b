import { readFileSync } from "node:fs";

/**
 * The names in a .zip's central directory (APPNOTE.TXT 4.3.12), in its order. For archives under 4 GB that this project made itself.
 * @throws when the file holds no central directory
 */
export function zipNames(file: string): string[] {
  const bytes = readFileSync(file);
  const end = bytes.lastIndexOf("PK\u0005\u0006");
  if (end < 0) throw new Error(`${file} is not a zip archive`);
  const count = bytes.readUInt16LE(end + 10);
  const names: string[] = [];
  let offset = bytes.readUInt32LE(end + 16);
  for (let index = 0; index < count; index++) {
    const [name, extra, comment] = [28, 30, 32].map((at) => bytes.readUInt16LE(offset + at));
    if (name === undefined || extra === undefined || comment === undefined) throw new Error("cut off");
    names.push(bytes.toString("utf8", offset + 46, offset + 46 + name));
    offset += 46 + name + extra + comment;
  }
  return names;
}
