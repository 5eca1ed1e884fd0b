import { expect, test } from "vitest";
import {
  importTraces,
  listTraces,
  openReceiver,
  openSession,
  openTrace,
  problemFound,
  readSpan,
  tracesChanged,
} from "../../../src/protocol/engine.ts";

const TRACE = "0123456789abcdef0123456789abcdef";
const SESSION = "abcdefghijklmnopqrstuv";
const filter = { text: "" };

test.each([
  [openReceiver, { host: "127.0.0.1", httpPort: 4318, grpcPort: 0 }, true],
  [openReceiver, { host: "127.0.0.1", httpPort: 65_536, grpcPort: 0 }, false],
  [openReceiver, { host: "127.0.0.1", httpPort: 4318, grpcPort: -1 }, false],
  [openReceiver, { host: "127.0.0.1", httpPort: Number.NaN, grpcPort: 0 }, false],
  [openSession, { sessionId: SESSION, run: 1, name: "shop" }, true],
  [openSession, { sessionId: "../../etc/passwd", run: 1, name: "shop" }, false],
  [openSession, { sessionId: SESSION, run: -1, name: "shop" }, false],
  [openSession, { sessionId: SESSION, run: 1.5, name: "shop" }, false],
  [listTraces, { filter, limit: 10 }, true],
  [
    listTraces,
    { filter: { ...filter, place: { path: "a.ts", firstLine: 1, lastLine: 2 } }, limit: 10 },
    true,
  ],
  [listTraces, { filter: { ...filter, place: { path: "a.ts" } }, limit: 10 }, false],
  [listTraces, { filter: { text: ["a"] }, limit: 10 }, false],
  [listTraces, { filter: { ...filter, run: "2" }, limit: 10 }, false],
  [openTrace, { traceId: TRACE }, true],
  [openTrace, { traceId: TRACE, unlessVersion: 3 }, true],
  [openTrace, { traceId: TRACE.toUpperCase() }, false],
  [readSpan, { row: 0 }, true],
  [readSpan, { row: -1 }, false],
  [readSpan, { row: 2 ** 53 }, false],
  [readSpan, { row: Number.NaN }, false],
  [importTraces, { name: "a.json" }, true],
  [tracesChanged, { version: 1, traceIds: [TRACE], more: false }, true],
  [tracesChanged, { version: 1, traceIds: ["x"], more: false }, false],
  [problemFound, { code: "engine-failed", message: "It failed.", severity: "error" }, true],
  [problemFound, { code: "engine-failed", message: "It failed.", severity: "fatal" }, false],
])("%j takes %j: %s", (type, params, taken) => {
  expect(type.isParams(params)).toBe(taken);
});
