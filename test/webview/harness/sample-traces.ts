import type { TraceId } from "../../../src/model/ids.ts";
import type { SpanSpec, TraceSpec } from "./columns.ts";

const CHECKOUT = "/shop/api/src/checkout.ts";

export function traceIdOf(number: number): TraceId {
  return number.toString(16).padStart(32, "0") as TraceId;
}

/** A checkout over three services with an N+1 query; `running` leaves its last query and its root open. */
export function checkoutTrace(
  number: number,
  startMs: number,
  shape: { readonly running?: boolean; readonly failed?: boolean } = {},
): TraceSpec {
  const { running = false, failed = false } = shape;
  const query = (at: number, ms: number, open = false): SpanSpec => ({
    name: "SELECT product",
    service: "api",
    startMs: at,
    endMs: open ? undefined : at + ms,
    kind: "client",
    place: { path: CHECKOUT, line: 39 },
  });
  const queries = Array.from({ length: 11 }, (_, i) => query(48 + i * 10.6, 9.4));
  const children: SpanSpec[] = [
    { name: "middleware", service: "api", startMs: 2, endMs: 9 },
    {
      name: "GET cart-service/cart/42",
      service: "api",
      kind: "client",
      startMs: 12,
      endMs: 44,
      place: { path: CHECKOUT, line: 37 },
      children: [
        {
          name: "GET /cart/:id",
          service: "cart",
          kind: "server",
          startMs: 15,
          endMs: 41,
          place: { path: "/shop/cart/server.mjs", line: 12 },
          children: [
            { name: "redis GET", service: "cart", kind: "client", startMs: 18, endMs: 30 },
            { name: "json", service: "cart", startMs: 31, endMs: 39 },
          ],
        },
      ],
    },
    ...queries,
    query(175, 20, running),
  ];
  if (!running) {
    children.push({
      name: "POST payment",
      service: "api",
      kind: "client",
      startMs: 198,
      endMs: 305,
      status: failed ? "error" : "unset",
      place: { path: CHECKOUT, line: 42 },
      children: [
        {
          name: "POST /charge",
          service: "payment",
          kind: "server",
          startMs: 201,
          endMs: 302,
          status: failed ? "error" : "unset",
          place: { path: "/shop/payment/index.cjs", line: 20 },
          children: [
            { name: "risk score", service: "payment", startMs: 205, endMs: 270 },
            { name: "ledger", service: "payment", startMs: 210, endMs: 255, kind: "client" },
            {
              name: "notify",
              service: "payment",
              startMs: 215,
              endMs: 298,
              status: failed ? "error" : "unset",
            },
          ],
        },
      ],
    });
  }
  return {
    traceId: traceIdOf(number),
    startMs,
    firstRow: number * 1000,
    roots: [
      {
        name: "POST /checkout",
        service: "api",
        kind: "server",
        startMs: 0,
        endMs: running ? undefined : 318,
        status: failed ? "error" : "unset",
        place: { path: CHECKOUT, line: 36 },
        children,
      },
    ],
  };
}

/** One short request. */
export function simpleTrace(
  number: number,
  startMs: number,
  name: string,
  ms: number,
  service = "api",
  error = false,
): TraceSpec {
  return {
    traceId: traceIdOf(number),
    startMs,
    firstRow: number * 1000,
    roots: [
      {
        name,
        service,
        kind: "server",
        startMs: 0,
        endMs: ms,
        status: error ? "error" : "unset",
        children: [{ name: "SELECT product", service, kind: "client", startMs: ms * 0.1, endMs: ms * 0.8 }],
      },
    ],
  };
}

/** Spans whose parents never arrived, one of them lost with its process. */
export function incompleteTrace(number: number, startMs: number): TraceSpec {
  return {
    traceId: traceIdOf(number),
    startMs,
    firstRow: number * 1000,
    roots: [
      {
        name: "job: rebuild-index",
        service: "worker",
        orphan: true,
        startMs: 0,
        endMs: 700,
        children: [
          { name: "read products", service: "worker", startMs: 20, endMs: 400 },
          { name: "write index", service: "worker", startMs: 420, endMs: 690, state: "lost" },
        ],
      },
      { name: "flush", service: "worker", orphan: true, startMs: 800, endMs: 1940 },
    ],
  };
}

/**
 * A trace of `count` spans as busy programs make them: calls under calls, many side by side, some failing.
 * The same numbers give the same trace.
 */
export function largeTrace(number: number, startMs: number, count: number): TraceSpec {
  let seed = 12345;
  const random = (): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  const services = ["api", "cart", "payment", "search", "stock", "mail"];
  let left = count - 1;
  const branch = (startAt: number, endAt: number, depth: number): SpanSpec => {
    const children: SpanSpec[] = [];
    // Fewer and fewer calls with the depth, so that no branch swallows the whole trace.
    const wanted = Math.min(left, Math.floor(random() * Math.max(1, 7 - depth * 0.7)));
    left -= wanted;
    for (let i = 0; i < wanted; i += 1) {
      const from = startAt + ((endAt - startAt) * (i + random() * 0.5)) / (wanted + 1);
      const to = Math.min(endAt, from + ((endAt - startAt) * (0.4 + random() * 1.2)) / (wanted + 1));
      children.push(branch(from, to, depth + 1));
    }
    return {
      name: `${["GET", "SELECT", "render", "POST", "compute"][Math.floor(random() * 5)] ?? ""} ${depth}`,
      service: services[Math.floor(random() * services.length)] ?? "api",
      startMs: startAt,
      endMs: endAt,
      status: random() < 0.001 ? "error" : "unset",
      children,
    };
  };
  const children: SpanSpec[] = [];
  const wholeMs = 60_000;
  let at = 0;
  while (left > 0) {
    left -= 1;
    const length = wholeMs * (0.002 + random() * 0.02);
    children.push(branch(at, Math.min(at + length, wholeMs), 1));
    at = (at + length * (0.3 + random())) % (wholeMs * 0.98);
  }
  return {
    traceId: traceIdOf(number),
    startMs,
    firstRow: number * 1_000_000,
    roots: [{ name: "import catalogue", service: "api", startMs: 0, endMs: wholeMs, children }],
  };
}
