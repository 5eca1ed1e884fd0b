import type { DurationHistogram, TraceFilter } from "../../../src/model/trace-list.ts";
import { disposable } from "../../../src/base/dispose.ts";
import { withFrames } from "../../../src/engine/query/locations.ts";
import { StackCache } from "../../../src/engine/query/stack-cache.ts";
import type { RunNumber, SessionId, SpanId, SpanRow, TraceId } from "../../../src/model/ids.ts";
import type { LogRecord } from "../../../src/model/log-record.ts";
import type { Span, SpanEvent } from "../../../src/model/span.ts";
import type { TraceColumns, TraceSummary } from "../../../src/model/trace.ts";
import { Connection } from "../../../src/protocol/connection.ts";
import {
  completeSearch,
  findSpans,
  listTraces,
  openTrace,
  pinTrace,
  readSpan,
  tracesChanged,
} from "../../../src/protocol/engine.ts";
import { listLogs } from "../../../src/protocol/logs.ts";
import {
  copyText,
  openSource,
  panelCommanded,
  panelStateChanged,
  readPanelState,
  resolveBestSource,
  runPanelCommand,
  selectionChanged,
  tracePainted,
  type PanelState,
} from "../../../src/protocol/panel.ts";
import { buildColumns, flatten, type TraceSpec } from "./columns.ts";
import { FrameLog } from "./frame-log.ts";
import { pausedSummary, pausedTrace } from "./paused-trace.ts";
import { logRecord, paymentLogs } from "./sample-logs.ts";
import { checkoutTrace, incompleteTrace, largeTrace, simpleTrace, traceIdOf } from "./sample-traces.ts";

interface HeldTrace {
  readonly spec: TraceSpec;
  readonly flat: ReturnType<typeof flatten>;
  readonly columns: TraceColumns;
  readonly summary: TraceSummary;
}

/** What the page did, as the tests read it. */
interface Log {
  readonly opened: { readonly path: string; readonly line: number | undefined; readonly focus: boolean }[];
  readonly copied: string[];
  readonly commands: string[];
  readonly painted: {
    readonly traceId: string;
    readonly version: number;
    readonly spanCount: number;
    readonly atMs: number;
  }[];
  readonly selected: (string | undefined)[];
}

const SOURCE = [
  'app.post("/checkout", async (request, reply) => {',
  "  const cart = await loadCart(request.session.id);",
  "  for (const item of cart.items) {",
  '    const price = await db.query("select price from product where id = $1", [item.id]);',
  "    total += price * item.count;",
  "  }",
  "  await charge(cart, total);",
  "  return reply.send({ total });",
  "});",
];
const SOURCE_FIRST_LINE = 36;

/** The extension host and the engine as far as the panel sees them, in the page itself. */
class FakeHost {
  readonly log: Log = { opened: [], copied: [], commands: [], painted: [], selected: [] };
  readonly frames = new FrameLog();
  readonly #traces = new Map<TraceId, HeldTrace>();
  readonly #connection: Connection;
  #state: PanelState = idleState();
  #version = 1;
  #evictedCount = 0;
  #emptiedBy: string | undefined;
  readonly #addedLogs: string[] = [];

  constructor() {
    const toHost = new EventTarget();
    Object.assign(window, {
      acquireVsCodeApi: () => ({
        postMessage: (message: unknown) => {
          const data = structuredClone(message);
          setTimeout(() => toHost.dispatchEvent(new MessageEvent("message", { data })));
        },
        getState: (): unknown => JSON.parse(sessionStorage.getItem("state") ?? "null") ?? undefined,
        setState: (state: unknown) => sessionStorage.setItem("state", JSON.stringify(state)),
      }),
    });
    this.#connection = new Connection({
      post: (message, transfer) => {
        const data = asJson(structuredClone(message, { transfer: [...(transfer ?? [])] }));
        setTimeout(() => window.dispatchEvent(new MessageEvent("message", { data })));
      },
      listen: (receive) => {
        const hear = (event: Event): void => receive((event as MessageEvent<unknown>).data);
        toHost.addEventListener("message", hear);
        return disposable(() => toHost.removeEventListener("message", hear));
      },
    });
    this.#answer();
    const shopMs = sessionStorage.getItem("shop");
    if (shopMs !== null) this.shop(Number(shopMs));
  }

  setState(change: Partial<PanelState>): void {
    this.#state = { ...this.#state, ...change };
    this.#connection.emit(panelStateChanged, this.#state);
  }

  put(trace: TraceSpec): void {
    const before = this.#traces.get(trace.traceId);
    const spec = { ...trace, version: (before?.spec.version ?? 0) + 1 };
    this.#traces.set(trace.traceId, {
      spec,
      flat: flatten(spec.roots),
      columns: buildColumns(spec),
      summary: summaryOf(spec),
    });
    this.#changed([trace.traceId]);
  }

  clear(): void {
    const ids = [...this.#traces.keys()];
    this.#traces.clear();
    this.#changed(ids);
  }

  /** A line that every span logs from now on. */
  addLog(text: string): void {
    this.#addedLogs.push(text);
    const { engine } = this.#state;
    this.setState({ engine: engine && { ...engine, logVersion: engine.logVersion + 1 } });
  }

  #logsAdded(span: Span): LogRecord[] {
    return this.#addedLogs.map((body, n) => logRecord(span, 100 + n, 200 + n, { body }));
  }

  emptyBy(clause: string): void {
    this.#emptiedBy = clause;
  }

  command(name: "focus-search" | "zoom-fit" | "pin-selected"): void {
    this.#connection.emit(panelCommanded, {
      command: name,
      traceId: undefined,
      row: undefined,
      text: undefined,
      place: undefined,
    });
  }

  /** A morning of the shop: what the screenshots show. */
  shop(nowMs: number): void {
    // The engine outlives a reload of the panel.
    sessionStorage.setItem("shop", String(nowMs));
    this.setState(shopState(nowMs, this.#evictedCount));
    this.put(incompleteTrace(9, nowMs - 42_000));
    this.put(simpleTrace(8, nowMs - 31_000, "GET /health", 0.412));
    for (let i = 0; i < 18; i += 1) {
      this.put(
        simpleTrace(
          20 + i,
          nowMs - 30_000 + i * 800,
          i % 3 === 0 ? "GET /products" : "GET /cart/:id",
          2 + ((i * 7919) % 97) * 0.5,
          i % 3 === 0 ? "api" : "cart",
        ),
      );
    }
    this.put(simpleTrace(7, nowMs - 12_000, "GET /products/77", 18.4, "api", true));
    this.put(checkoutTrace(6, nowMs - 9_000, { failed: true }));
    this.put({ ...checkoutTrace(5, nowMs - 8_000), pinned: true });
  }

  running(nowMs: number): void {
    this.put(checkoutTrace(4, nowMs - 250, { running: true }));
  }

  large(count: number): void {
    this.put(largeTrace(3, Date.now(), count));
  }

  /** A session whose programs have connected and sent nothing. */
  listening(): void {
    const idle = idleState();
    const agent = {
      sessionId: undefined,
      pid: 4711,
      runtime: "node",
      runtimeVersion: "v24.1.0",
      connected: true,
      spanCount: 0,
    };
    const { sessions } = shopState(Date.now(), 0);
    const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4320/s/abc" };
    this.setState({
      sessions: (sessions ?? []).map((session) => ({
        ...session,
        notes: [
          { kind: "kept-own", names: ["OTEL_SERVICE_NAME"] },
          { kind: "attached", variables },
        ],
      })),
      engine: idle.engine && {
        ...idle.engine,
        ports: { http: 4320, grpc: 4317, taken: [4318] },
        seriesCount: 2,
        sampleCount: 3,
        agents: [
          { ...agent, service: "api", ownSdk: false },
          { ...agent, service: "cart", ownSdk: true },
        ],
      },
    });
  }

  hostile(): void {
    this.put(simpleTrace(2, Date.now() - 500, '<img src=x onerror="window.hacked=1">', 5, "<b>evil</b>"));
  }

  readonly samples = { pausedTrace, checkoutTrace, simpleTrace, incompleteTrace, traceIdOf };

  #changed(traceIds: readonly TraceId[]): void {
    this.#version += 1;
    this.#connection.emit(tracesChanged, { version: this.#version, traceIds, more: false });
  }

  #answer(): void {
    const host = this.#connection;
    host.handle(readPanelState, () => this.#state);
    host.handle(listTraces, ({ filter, limit }) => this.#list(filter, limit));
    host.handle(openTrace, ({ traceId, unlessVersion }) => {
      const trace = this.#traces.get(traceId);
      if (trace === undefined || trace.spec.version === unlessVersion) return undefined;
      // A copy: what is sent is handed over.
      return structuredClone(trace.columns);
    });
    host.handle(readSpan, ({ row }) => this.#span(row));
    host.handle(listLogs, ({ filter }) => {
      const span = this.#span(Number.parseInt(filter.spanId ?? "0", 16) as SpanRow);
      const records = span === undefined ? [] : [...paymentLogs(span), ...this.#logsAdded(span)].reverse();
      return { records, totalCount: records.length };
    });
    host.handle(findSpans, ({ traceId, text }) => {
      const trace = this.#traces.get(traceId);
      const firstRow = trace?.spec.firstRow ?? 0;
      const rows = (trace?.flat ?? []).flatMap(({ spec }, i) =>
        spec.name.toLowerCase().includes(text.toLowerCase()) ? [firstRow + i] : [],
      );
      return { rows: Float64Array.from(rows) };
    });
    host.handle(completeSearch, ({ text, offset }) => {
      const start = text.lastIndexOf(" ", offset - 1) + 1;
      const word = text.slice(start, offset);
      return ["status=error", "service=api", "service=cart", "duration>100ms", "db.system=postgresql"]
        .filter((one) => one.startsWith(word))
        .map((label) => ({ label, insert: `${label} `, start }));
    });
    host.handle(pinTrace, ({ traceId, pinned }) => {
      const trace = this.#traces.get(traceId);
      if (trace !== undefined) this.put({ ...trace.spec, pinned });
      return undefined;
    });
    host.handle(resolveBestSource, ({ locations }) => {
      const location = locations.find(({ path }) => path.startsWith("/shop/"));
      if (location === undefined) return undefined;
      const { path, line = 1, column = 1, evidence } = location;
      const resolved = {
        uri: `file://${path}`,
        label: path.slice(6),
        baseName: path.split("/").at(-1) ?? "",
        line,
        column,
        evidence,
        guess: false,
        insideWorkspace: true,
        excerpt: excerptAround(line),
      };
      return { location, resolved };
    });
    host.handle(openSource, ({ location, focus }) => {
      this.log.opened.push({ path: location.path, line: location.line, focus });
      return "opened" as const;
    });
    host.handle(runPanelCommand, ({ command }) => {
      this.log.commands.push(command);
      return undefined;
    });
    host.handle(copyText, ({ text }) => {
      this.log.copied.push(text);
      return undefined;
    });
    host.on(tracePainted, (painted) => this.log.painted.push(painted));
    host.on(selectionChanged, ({ traceId }) => this.log.selected.push(traceId));
  }

  #list(filter: TraceFilter, limit: number): unknown {
    const all = [...this.#traces.values()]
      .map(({ summary }) => summary)
      .sort((a, b) => b.startMs - a.startMs);
    const text = filter.text.trim().toLowerCase();
    const matching = all.filter(
      (trace) =>
        (text === "" ||
          trace.name.toLowerCase().includes(text) ||
          (text === "status=error" && trace.errorCount > 0) ||
          trace.services.some((service) => text === `service=${service}`)) &&
        trace.durationNs >= (filter.minDurationNs ?? 0) &&
        trace.durationNs <= (filter.maxDurationNs ?? Infinity),
    );
    return {
      traces: matching.slice(0, limit),
      matchingCount: matching.length,
      totalCount: all.length,
      spanCount: all.reduce((sum, trace) => sum + trace.spanCount, 0),
      version: this.#version,
      histogram: histogramOf(matching),
      emptiedBy: matching.length === 0 && text !== "" ? (this.#emptiedBy ?? filter.text) : undefined,
      textProblem: text.endsWith(">")
        ? { message: "needs a duration, such as 100ms", start: 0, end: filter.text.length }
        : undefined,
    };
  }

  #span(row: SpanRow): Span | undefined {
    for (const { spec: trace, flat } of this.#traces.values()) {
      const found = flat[row - (trace.firstRow ?? 0)];
      if (found === undefined) continue;
      const { spec } = found;
      const failed = spec.status === "error";
      return {
        row,
        traceId: trace.traceId,
        spanId: row.toString(16).padStart(16, "0") as SpanId,
        parentSpanId: undefined,
        run: 1 as RunNumber,
        name: spec.name,
        service: spec.service ?? "api",
        scope: { name: "@opentelemetry/instrumentation-pg", version: "0.76.0" },
        kind: spec.kind ?? "internal",
        status: spec.status ?? "unset",
        statusMessage: failed ? "card was declined" : "",
        state: spec.state ?? (spec.endMs === undefined ? "running" : "ended"),
        startTimeUnixNano: `${BigInt(Math.round((trace.startMs + spec.startMs) * 1000)) * 1000n}`,
        durationNs: spec.endMs === undefined ? undefined : (spec.endMs - spec.startMs) * 1e6,
        attributes: [
          { key: "db.system.name", value: "postgresql" },
          { key: "db.namespace", value: "shop" },
          { key: "db.query.text", value: "select price from product where id = $1" },
          { key: "server.address", value: "127.0.0.1" },
          { key: "server.port", value: 5432 },
          { key: "db.response.returned_rows", value: 1 },
          { key: "cart.items", value: { list: ["book", "pen"] } },
        ],
        resource: [
          { key: "service.name", value: spec.service ?? "api" },
          { key: "process.pid", value: 4711 },
          { key: "process.runtime.name", value: "nodejs" },
        ],
        events: failed ? [declined()] : [],
        links: [],
        droppedAttributesCount: 0,
        droppedEventsCount: 0,
        droppedLinksCount: 0,
        locations: [
          ...(spec.place === undefined ? [] : [{ ...spec.place, column: 5, evidence: "call-site" as const }]),
          ...(failed
            ? [
                {
                  path: "/shop/payment/index.cjs",
                  line: 24,
                  column: 11,
                  evidence: "exception-frame" as const,
                },
                {
                  path: "/shop/api/src/checkout.ts",
                  line: 42,
                  column: 3,
                  evidence: "exception-frame" as const,
                },
              ]
            : []),
        ],
      };
    }
    return undefined;
  }
}

/** A failed payment's exception, with its frames as the engine reads them. */
function declined(): SpanEvent {
  const stack = [
    "PaymentError: card was declined",
    "    at charge (/shop/payment/index.cjs:24:11)",
    "    at async /shop/api/src/checkout.ts:42:3",
    "    at node:internal/process:1:1",
  ].join("\n");
  const event: SpanEvent = {
    name: "exception",
    offsetNs: 2e6,
    attributes: [
      { key: "exception.type", value: "PaymentError" },
      { key: "exception.message", value: "card was declined" },
      { key: "exception.stacktrace", value: stack },
    ],
  };
  const sender = { name: "", kind: "server", attributes: [], events: [], resource: [], service: "" } as const;
  return withFrames(event, { ...sender, session: undefined }, new StackCache());
}

function excerptAround(line: number): { readonly firstLine: number; readonly lines: readonly string[] } {
  const first = Math.max(line - 2, SOURCE_FIRST_LINE);
  return { firstLine: first, lines: SOURCE.slice(first - SOURCE_FIRST_LINE, first - SOURCE_FIRST_LINE + 5) };
}

function summaryOf(trace: TraceSpec): TraceSummary {
  const flat = flatten(trace.roots);
  const columns = buildColumns(trace);
  const running = flat.filter(({ spec }) => spec.endMs === undefined && spec.state === undefined).length;
  return {
    traceId: trace.traceId,
    run: (trace.run ?? 1) as RunNumber,
    name: flat[0]?.spec.name ?? "",
    services: [...new Set(flat.map(({ spec }) => spec.service ?? "api"))],
    spanCount: flat.length,
    errorCount: flat.filter(({ spec }) => spec.status === "error").length,
    runningCount: running,
    lostCount: flat.filter(({ spec }) => spec.state === "lost").length,
    missingParentCount: flat.filter(({ spec }) => spec.orphan === true).length,
    startMs: trace.startMs,
    durationNs: columns.durationNs,
    ...pausedSummary(columns),
    pinned: trace.pinned ?? false,
  };
}

function histogramOf(traces: readonly TraceSummary[]): DurationHistogram {
  const buckets = 30;
  const logs = traces.map((trace) => Math.log10(Math.max(trace.durationNs, 1)));
  const low = Math.min(...logs);
  const high = Math.max(...logs, low + 0.001);
  const counts = new Array<number>(buckets).fill(0);
  const errorCounts = new Array<number>(buckets).fill(0);
  traces.forEach((trace, i) => {
    const at = Math.min(buckets - 1, Math.floor((((logs[i] ?? 0) - low) / (high - low)) * buckets));
    counts[at] = (counts[at] ?? 0) + 1;
    if (trace.errorCount > 0) errorCounts[at] = (errorCounts[at] ?? 0) + 1;
  });
  return {
    boundsNs: Array.from({ length: buckets + 1 }, (_, i) => 10 ** (low + ((high - low) * i) / buckets)),
    counts,
    errorCounts,
  };
}

function idleState(): PanelState {
  return {
    trusted: true,
    enabled: true,
    engine: {
      ports: { http: 4318, grpc: 4317, taken: [] },
      traceCount: 0,
      spanCount: 0,
      bytes: 0,
      maxBytes: 250e6,
      evictedCount: 0,
      evictedUntilMs: undefined,
      rejectedCount: 0,
      seriesCount: 0,
      sampleCount: 0,
      logRecordCount: 0,
      logVersion: 0,
      agents: [],
    },
    restarted: undefined,
    problem: undefined,
    runs: [],
    sessions: [],
    paused: [],
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
      OTEL_BSP_SCHEDULE_DELAY: "200",
    },
  };
}

function shopState(nowMs: number, evictedCount: number): Partial<PanelState> {
  const idle = idleState();
  return {
    engine:
      idle.engine === undefined
        ? undefined
        : { ...idle.engine, evictedCount, evictedUntilMs: nowMs - 720_000 },
    runs: [{ number: 1 as RunNumber, name: "shop", startMs: nowMs - 60_000, endMs: undefined }],
    sessions: [
      {
        id: "abcdefghijklmnopqrstuv" as SessionId,
        run: 1 as RunNumber,
        name: "api",
        type: "pwa-node",
        request: "launch",
        active: true,
        notes: [],
      },
    ],
  };
}

declare global {
  interface Window {
    fakeHost: FakeHost;
  }
}

window.fakeHost = new FakeHost();

/** What VS Code makes of a message on its way into a webview: JSON, in which buffers are kept as they are. */
function asJson(value: unknown): unknown {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(asJson);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => [key, asJson(member)]),
  );
}
