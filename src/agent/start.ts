import { isMainThread, threadId } from "node:worker_threads";
import { trace, type TracerProvider } from "@opentelemetry/api";

import { record } from "./breakpoints/record.ts";
import { readEngineText } from "./breakpoints/engine-text.ts";
import { watchAnswers } from "./breakpoints/watch-answers.ts";
import { SpanStops } from "./breakpoints/span-stops.ts";
import { Channel } from "./channel/channel.ts";
import type { AgentEnvironment } from "./environment.ts";
import { installCallSites } from "./handlers/call-sites.ts";
import { matchGlobs } from "./functions/glob.ts";
import { FunctionTracer } from "./functions/traced-function.ts";
import { HandlerTracker } from "./handlers/current-handler.ts";
import { ExpressHandlers } from "./handlers/express.ts";
import { installFastifyHandlers } from "./handlers/fastify.ts";
import { installGraphqlHandlers } from "./handlers/graphql.ts";
import { httpRequestHook, patchBuiltins } from "./handlers/http.ts";
import { KoaHandlers } from "./handlers/koa.ts";
import { installNestHandlers } from "./handlers/nest.ts";
import { InstrumentationLoader } from "./instrumentation/load.ts";
import { installEsmHook, needsEsmHook } from "./modules/esm-hook.ts";
import { ModuleHook } from "./modules/module-hook.ts";
import { serveApiUsers } from "./own-sdk/api-users.ts";
import { watchForOwnSdk } from "./own-sdk/detect.ts";
import { teeProvider } from "./own-sdk/tee.ts";
import { tellHolds } from "./pauses/tell-holds.ts";
import { activeContext, useProgramContext } from "./spans/active-context.ts";
import { SpanOutbox } from "./spans/span-outbox.ts";
import { hookBetterSqlite, onRequireOfNodeSqlite, patchNodeSqlite } from "./sqlite/drivers.ts";
import { SqliteTracer } from "./sqlite/trace-sqlite.ts";
import { startTracing } from "./spans/tracing.ts";

/** Starts everything in this thread: the channel, the tracing, the hooks. Throws nothing that the preload does not catch. */
export function startAgent(environment: AgentEnvironment): void {
  /** The tracer provider of the program's own SDK. */
  let programs: TracerProvider | undefined;
  const hello = (): string =>
    JSON.stringify({
      type: "hello",
      version: 1,
      pid: process.pid,
      ppid: process.ppid,
      runtime: "node",
      runtimeVersion: process.version,
      argv: process.argv.slice(1, 4).map((argument) => argument.slice(0, 200)),
      ownSdk: programs !== undefined,
      worker: !isMainThread,
      threadId,
      resource: environment.resource,
    });
  const stops = new SpanStops();
  stops.setBreakpoints(environment.spanBreakpoints);
  const channel = new Channel(
    environment.address,
    hello,
    () => {
      outbox.resendOpen();
    },
    () => {
      tracing.standAside();
    },
    (text) => {
      readEngineText(text, stops, outbox);
    },
  );
  const outbox = new SpanOutbox(channel, environment.resource, stops);
  const tracing = startTracing(outbox, environment.resource);
  const tracker = new HandlerTracker(outbox);
  const express = new ExpressHandlers(tracker);
  const koa = new KoaHandlers(tracker);
  const loader = new InstrumentationLoader({
    http: { requestHook: httpRequestHook(tracker) },
    express: { requestHook: express.onSpan },
    koa: { requestHook: koa.onSpan },
    graphql: { ignoreTrivialResolveSpans: true },
    // A background job's calls are of interest, too.
    ioredis: { requireParentSpan: false },
    mongodb: { requireParentSpan: false },
    mongoose: { requireParentSpan: false },
    knex: { requireParentSpan: false },
    dataloader: { requireParentSpan: false },
  });

  const hook = new ModuleHook();
  loader.register(hook, () => tracing.active());
  express.install(hook);
  koa.install(hook);
  installFastifyHandlers(hook, tracker);
  installNestHandlers(hook, tracker);
  installGraphqlHandlers(hook, tracker);
  installCallSites(hook);
  serveApiUsers(hook, () => programs ?? tracing.provider, tracing.contextManager);
  hook.install();
  const sqlite = new SqliteTracer(
    () => tracing.provider.getTracer("spanlight.sqlite"),
    () => tracing.active(),
  );
  const patchSqlite = (): void => {
    patchNodeSqlite(sqlite);
  };
  hookBetterSqlite(hook, sqlite);
  onRequireOfNodeSqlite(patchSqlite);
  const functions = new FunctionTracer(
    () => (programs ?? tracing.provider).getTracer("spanlight.functions"),
    outbox,
  );
  const tracesFile = matchGlobs(environment.traceFunctions);
  if (environment.traceFunctions.length > 0) {
    hook.onUserFile((file, exports) => (tracesFile(file) ? functions.wrapExports(exports, file) : exports));
  }
  if (needsEsmHook(environment.traceFunctions.length > 0)) {
    installEsmHook({
      modules: hook,
      tracesFile,
      wrapUserExports: (file, exports) => functions.wrapExports(exports, file),
      onBuiltin: (name) => {
        if (name === "node:sqlite") patchSqlite();
      },
    });
  }
  watchForOwnSdk((provider) => {
    if (provider === tracing.provider || !teeProvider(provider, outbox)) return;
    tracing.standAside();
    useProgramContext();
    const isFirst = programs === undefined;
    programs = provider as TracerProvider;
    if (isFirst) channel.sendText(JSON.stringify({ type: "state", ownSdk: true }));
  });
  patchBuiltins(loader);
  watchAnswers(stops);

  tellHolds(
    (text) => {
      channel.sendText(text);
    },
    () => outbox.lastMoment,
  );
  showToDebugger(outbox, stops);
  process.on("exit", () => {
    outbox.exit();
  });
  channel.connect();
}

/**
 * What a debugger can evaluate while the program is paused and nothing is sent:
 * `globalThis[Symbol.for("spanlight.agent")]?.span()`, the active span itself; `activeSpan()` and `openSpans()`, as "traceId-spanId";
 * `stop()`, `handler()` and `enter(callback)`, the span breakpoint that it stands at and where it leads. Conditions of tracepoints call `record(label, read)`.
 */
function showToDebugger(outbox: SpanOutbox, stops: SpanStops): void {
  const idOf = ({ traceId, spanId }: { traceId: string; spanId: string }): string => `${traceId}-${spanId}`;
  Object.defineProperty(globalThis, Symbol.for("spanlight.agent"), {
    configurable: true,
    value: {
      span: () => trace.getSpan(activeContext()),
      activeSpan: () => {
        const span = trace.getSpan(activeContext());
        return span === undefined ? "" : idOf(span.spanContext());
      },
      record,
      stop: () => encodeURIComponent(JSON.stringify(stops.current.stop ?? {})).replaceAll("'", "%27"),
      handler: () => stops.current.handler,
      enter: (callback: unknown) => stops.enter(callback),
      openSpans: () => Array.from(outbox.openSpans(), ({ span }) => idOf(span.spanContext())),
    },
  });
}
