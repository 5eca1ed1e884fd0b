import { describe, expect, test } from "vitest";
import { isSessionId, type RunNumber } from "../../../../src/model/ids.ts";
import type { Session } from "../../../../src/model/session.ts";
import {
  SESSION_MARK,
  SessionBook,
  type DebuggerSession,
} from "../../../../src/host/session/session-book.ts";

const launch = { name: "api", type: "pwa-node", request: "launch" };

/** A debugger's session as VS Code hands it over. */
function debuggerSession(id: string, session?: Session, parentSession?: DebuggerSession): DebuggerSession {
  return { id, parentSession, configuration: session === undefined ? {} : { [SESSION_MARK]: session.id } };
}

describe("a session", () => {
  test("gets an id that the receiver takes, and that nobody guesses", () => {
    const book = new SessionBook();
    const ids = Array.from({ length: 100 }, () => book.enter(launch, undefined, []).id);
    expect(ids.every(isSessionId)).toBe(true);
    expect(new Set(ids).size).toBe(100);
  });

  test("is shown once its debugger has started, and stays", () => {
    const book = new SessionBook();
    const session = book.enter(launch, undefined, []);
    expect([book.sessions, book.runs, book.issued.length]).toEqual([[], [], 1]);
    book.started(debuggerSession("d1", session));
    expect(book.sessions).toMatchObject([{ name: "api", type: "pwa-node", active: true }]);
    expect(book.ended("d1")).toMatchObject({ id: session.id, active: false });
    expect(book.sessions).toMatchObject([{ active: false }]);
    expect(book.anyActive).toBe(false);
  });

  test("has its children's life: it ends with the last of them", () => {
    const book = new SessionBook();
    const session = book.enter(launch, undefined, []);
    const parent = debuggerSession("parent", session);
    book.started(parent);
    expect(book.started(debuggerSession("child", undefined, parent))?.id).toBe(session.id);
    expect(book.started(debuggerSession("grandchild", undefined, { ...parent, id: "child" }))?.id).toBe(
      session.id,
    );
    expect([book.ended("child"), book.ended("parent")]).toEqual([undefined, undefined]);
    expect(book.isOver(session.id)).toBe(false);
    expect(book.ended("grandchild")?.id).toBe(session.id);
    expect(book.isOver(session.id)).toBe(true);
    expect(book.sessions.length).toBe(1);
  });

  test("is its parent's, whatever mark it has inherited", () => {
    const book = new SessionBook();
    const [one, other] = [book.enter(launch, undefined, []), book.enter(launch, undefined, [])];
    const parent = debuggerSession("parent", one);
    book.started(parent);
    expect(book.started(debuggerSession("child", other, parent))?.id).toBe(one.id);
  });

  test("is not one that nobody entered", () => {
    const book = new SessionBook();
    expect(book.started(debuggerSession("stranger"))).toBeUndefined();
    expect(book.started({ id: "odd", configuration: { [SESSION_MARK]: { toString: 1 } } })).toBeUndefined();
    expect(book.ended("stranger")).toBeUndefined();
  });

  test("ends only once", () => {
    const book = new SessionBook();
    book.started(debuggerSession("d", book.enter(launch, undefined, [])));
    expect(book.ended("d")).toBeDefined();
    expect(book.ended("d")).toBeUndefined();
  });

  test("takes the type that the debugger has made of it, and its notes", () => {
    const book = new SessionBook();
    const { id } = book.enter({ ...launch, type: "node" }, undefined, []);
    book.annotate(id, "pwa-node", [{ kind: "excluded" }]);
    expect(book.find(id)).toMatchObject({ type: "pwa-node", notes: [{ kind: "excluded" }] });
  });
});

test("a run ends with the last session of its compound", () => {
  let now = 0;
  const book = new SessionBook(() => now);
  const compounds = [{ name: "Shop", members: ["api", "cart"].map((name) => ({ name, folder: undefined })) }];
  const api = book.enter(launch, undefined, compounds);
  const cart = book.enter({ ...launch, name: "cart" }, undefined, compounds);
  book.started(debuggerSession("a", api));
  book.started(debuggerSession("c", cart));
  now = 10;
  book.ended("a");
  expect(book.runs).toMatchObject([{ name: "Shop", endMs: undefined }]);
  now = 20;
  book.ended("c");
  expect(book.runs).toMatchObject([{ name: "Shop", endMs: 20 }]);
});

test("runs of earlier windows are shown, but not those that this one has begun itself", () => {
  const book = new SessionBook(() => 0, 1);
  const own = book.enter({ name: "api", type: "node", request: "launch" }, undefined, []);
  const former = [1, 2].map((number) => ({
    number: number as RunNumber,
    name: "former",
    startMs: 0,
    endMs: 1,
  }));
  book.restoreRuns(former);
  expect(own.run).toBe(2);
  expect(book.runs).toEqual([former[0]]);
  expect(book.runOf(own.run)).toMatchObject({ name: "api", endMs: undefined });
});

test("every change that shows is told", () => {
  const book = new SessionBook();
  let told = 0;
  book.onChanged(() => told++);
  const session = book.enter(launch, undefined, []);
  book.annotate(session.id, "pwa-node", []);
  book.started(debuggerSession("d", session));
  book.ended("d");
  expect(told).toBe(3);
});
