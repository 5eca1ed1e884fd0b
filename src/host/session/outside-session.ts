import type { Memento } from "vscode";
import { isSessionId, type SessionId } from "../../model/ids.ts";
import { newSessionId } from "./session-id.ts";

const KEY = "session.outside";

/**
 * The id in the endpoint of programs that the debugger does not start. It stays the same for a workspace, since it is
 * written into scripts and compose files; the engine is never told of it, so what arrives there belongs to no run.
 */
export function outsideSessionId(memory: Memento): SessionId {
  const known = memory.get<unknown>(KEY);
  if (isSessionId(known)) return known;
  const id = newSessionId();
  void memory.update(KEY, id);
  return id;
}
