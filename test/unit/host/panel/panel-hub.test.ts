import { describe, expect, test } from "vitest";
import { disposable } from "../../../../src/base/dispose.ts";
import { Emitter } from "../../../../src/base/events.ts";
import { ok } from "../../../../src/base/result.ts";
import type { TracesChange } from "../../../../src/host/engine/engine.ts";
import { PanelHub, type PanelEngine } from "../../../../src/host/panel/panel-hub.ts";
import type { TraceId } from "../../../../src/model/ids.ts";
import { Connection, type Port } from "../../../../src/protocol/connection.ts";
import { clearStore, openReceiver, readSpan, tracesChanged } from "../../../../src/protocol/engine.ts";
import {
  panelCommanded,
  panelStateChanged,
  readPanelState,
  selectionChanged,
  type PanelState,
} from "../../../../src/protocol/panel.ts";
import { saveTraces } from "../../../../src/protocol/run-file.ts";

const state = { trusted: true, enabled: true } as PanelState;
const traceId = "0af7651916cd43dd8448eb211c80319c" as TraceId;

/** Two ends of a link, as the webview's messages go: copied, and later. */
function link(): readonly [Port, Port] {
  const ends = [new Set<(message: unknown) => void>(), new Set<(message: unknown) => void>()] as const;
  const port = (own: Set<(message: unknown) => void>, other: Set<(message: unknown) => void>): Port => ({
    post(message) {
      const copy: unknown = structuredClone(message);
      queueMicrotask(() => other.forEach((receive) => receive(copy)));
    },
    listen(receive) {
      own.add(receive);
      return disposable(() => own.delete(receive));
    },
  });
  return [port(ends[0], ends[1]), port(ends[1], ends[0])];
}

/** A hub over an engine that answers with the name that it was asked for. */
function hub(): {
  readonly hub: PanelHub;
  readonly changes: Emitter<TracesChange>;
  readonly openPanel: () => { readonly panel: Connection; readonly close: () => void };
} {
  const changes = new Emitter<TracesChange>();
  const engine: PanelEngine = {
    askByName: (name) => Promise.resolve(ok(name)),
    onTracesChanged: changes.listen,
  };
  const made = new PanelHub(engine, () => state);
  const openPanel = (): { panel: Connection; close: () => void } => {
    const [host, page] = link();
    const attached = made.attach(new Connection(host));
    return { panel: new Connection(page), close: () => attached.dispose() };
  };
  return { hub: made, changes, openPanel };
}

/** Lets everything that is under way arrive. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe("a panel", () => {
  test("reads the state", async () => {
    expect(await hub().openPanel().panel.ask(readPanelState, {})).toEqual(ok(state));
  });

  test("has its questions about traces passed on to the engine", async () => {
    const { panel } = hub().openPanel();
    expect(await panel.ask(readSpan, { row: 1 as never })).toEqual(ok("span/read"));
  });

  test.each([clearStore.name, saveTraces.name, openReceiver.name, "made/up"])(
    "may not ask for %s",
    async (name) => {
      const { panel } = hub().openPanel();
      expect(await panel.askByName(name, {})).toMatchObject({
        ok: false,
        error: { code: "unknown-request" },
      });
    },
  );

  test("hears of changes once it is drawn, and no more when it is closed", async () => {
    const { changes, openPanel } = hub();
    const { panel, close } = openPanel();
    const heard: number[] = [];
    panel.on(tracesChanged, ({ version }) => heard.push(version));
    changes.emit({ version: 1, traceIds: [], more: false });
    await panel.ask(readPanelState, {});
    changes.emit({ version: 2, traceIds: [], more: false });
    await settled();
    close();
    changes.emit({ version: 3, traceIds: [], more: false });
    await settled();
    expect(heard).toEqual([2]);
  });

  test("hears of several changes of the state at once", async () => {
    const { hub: made, openPanel } = hub();
    const { panel } = openPanel();
    let heard = 0;
    panel.on(panelStateChanged, () => heard++);
    await panel.ask(readPanelState, {});
    for (let i = 0; i < 10; i++) made.stateChanged();
    await settled();
    expect(heard).toBe(1);
  });

  test("gets a command that was given before it was drawn, once", async () => {
    const { hub: made, openPanel } = hub();
    made.command({ command: "select-trace", traceId });
    const { panel } = openPanel();
    const commands: unknown[] = [];
    panel.on(panelCommanded, (command) => commands.push(command));
    await panel.ask(readPanelState, {});
    await settled();
    const other = openPanel().panel;
    other.on(panelCommanded, (command) => commands.push(command));
    await other.ask(readPanelState, {});
    await settled();
    expect(commands).toEqual([{ command: "select-trace", traceId, place: undefined }]);
  });

  test("tells what it selected", async () => {
    const { hub: made, openPanel } = hub();
    const { panel } = openPanel();
    panel.emit(selectionChanged, { traceId, pinned: true });
    await settled();
    expect(made.selection).toEqual({ traceId, pinned: true });
  });
});
