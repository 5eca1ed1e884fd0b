import { isRecord } from "../../protocol/guard.ts";
import type { Compound, CompoundMember } from "./run-book.ts";

/** Reads the `compounds` of a launch.json. A member is a name, or a name with its folder; anything else is passed over. */
export function parseCompounds(compounds: unknown): readonly Compound[] {
  if (!Array.isArray(compounds)) return [];
  return (compounds as readonly unknown[]).flatMap((compound) => {
    if (!isRecord(compound) || typeof compound["name"] !== "string") return [];
    const configurations = compound["configurations"];
    const members = Array.isArray(configurations) ? (configurations as readonly unknown[]) : [];
    return [{ name: compound["name"], members: members.flatMap(parseMember) }];
  });
}

function parseMember(member: unknown): readonly CompoundMember[] {
  const { name, folder } = isRecord(member) ? member : { name: member, folder: undefined };
  if (typeof name !== "string") return [];
  return [{ name, folder: typeof folder === "string" ? folder : undefined }];
}
