import { describe, expect, test } from "vitest";
import { listLogs } from "../../../../src/engine/query/list-logs.ts";
import { runAtOnce } from "../../../../src/engine/query/slices.ts";
import { StackCache } from "../../../../src/engine/query/stack-cache.ts";
import type { RunNumber } from "../../../../src/model/ids.ts";
import type { LogFilter } from "../../../../src/model/log-record.ts";
import { appendLogs, logOf, logsBody, logsIn, MS, START, storeOf, textsIn } from "../otlp-logs-request.ts";

const attributes = [
  { key: "code.file.path", value: { stringValue: "/work/cart.ts" } },
  { key: "code.line.number", value: { intValue: "12" } },
  { key: "retries", value: { intValue: "3" } },
];

const store = storeOf([]);
appendLogs(
  store,
  logsBody([
    logOf("started", 1, { severityNumber: 9, severityText: "INFO" }),
    logOf("Cache MISS for cart 7", 2, { severityNumber: 5, attributes }),
    logOf("payment failed", 3, { severityNumber: 17, severityText: "ERROR", eventName: "payment.failed" }),
  ]),
  undefined,
  1,
);
appendLogs(
  store,
  logsBody([
    { observedTimeUnixNano: String(START + 10n * MS), body: { intValue: "4242" }, severityNumber: 13 },
    { body: { kvlistValue: { values: [{ key: "user", value: { stringValue: "Ada" } }] } } },
    logOf("started", 0),
  ]),
  undefined,
  2,
);

/** What the records say, or their numbers where that is no text. */
const said = (filter: LogFilter): readonly unknown[] =>
  textsIn(store, filter).map((body) => (typeof body === "object" ? "a map" : body));

describe("log records are filtered", () => {
  const failed = "payment failed";
  const missed = "Cache MISS for cart 7";
  test.each<[string, LogFilter, readonly unknown[]]>([
    ["by nothing: the newest first", {}, [4242, failed, missed, "started", "started", "a map"]],
    ["by a word in a body, whatever its case", { text: "miss" }, [missed]],
    ["by a word in an attribute's value", { text: "cart.ts" }, [missed]],
    ["by a word in an event's name", { text: "payment.failed" }, [failed]],
    ["by a word within a map", { text: "ada" }, ["a map"]],
    ["by a number that is the body", { text: "4242" }, [4242]],
    ["by two words", { text: "cache cart" }, [missed]],
    ["by a word that none may have", { text: "-started" }, [4242, failed, missed, "a map"]],
    ["by an attribute", { text: "retries=3" }, [missed]],
    ["by an attribute's size", { text: "retries>=4" }, []],
    ["by an attribute of the resource", { text: "service.name=shop cache" }, [missed]],
    ["by service", { text: "service=shop payment" }, [failed]],
    ["by the least severity", { minSeverity: 13 }, [4242, failed]],
    ["by run", { run: 2 as RunNumber }, [4242, "started", "a map"]],
    ["from a moment on", { fromUnixNano: String(START + 3n * MS) }, [4242, failed]],
    ["before a moment", { beforeUnixNano: String(START + MS) }, ["started", "a map"]],
    ["by age", { text: "time>=-7ms" }, [4242, failed]],
    ["by a moment that none may be before", { text: "-time<2023-11-14T22:13:20.003Z" }, [4242, failed]],
    ["by a trace that is not there", { traceId: "1".repeat(32) as never }, []],
  ])("%s", (_, filter, expected) => {
    expect(said(filter)).toEqual(expected);
  });
});

test("the limit keeps the newest, and the count tells all", () => {
  const { records, totalCount } = logsIn(store, {}, 2);
  expect([records.map(({ timeUnixNano }) => timeUnixNano), totalCount]).toEqual([
    [String(START + 10n * MS), String(START + 3n * MS)],
    6,
  ]);
  expect(logsIn(store, {}, 0)).toEqual({ records: [], totalCount: 6 });
});

test("a record is read whole", () => {
  const [record] = logsIn(store, { text: "cache" }).records;
  expect(record).toMatchObject({
    traceId: undefined,
    run: 1,
    service: "shop",
    scope: "lib",
    timeUnixNano: String(START + 2n * MS),
    severity: 5,
    severityText: "",
    eventName: "",
    body: "Cache MISS for cart 7",
    attributes: [
      { key: "code.file.path", value: "/work/cart.ts" },
      { key: "code.line.number", value: 12 },
      { key: "retries", value: 3 },
    ],
    droppedAttributesCount: 0,
  });
  expect(record?.locations[0]).toMatchObject({
    path: "/work/cart.ts",
    line: 12,
    evidence: "code-attributes",
  });
});

test("records that arrive out of order are listed by their time", () => {
  const times = [5, 1, 9, 3, 3, 7];
  const shuffled = storeOf(times.map((at, n) => logOf(`${at}.${n}`, at)));
  expect(textsIn(shuffled, {}, 4)).toEqual(["9.2", "7.5", "5.0", "3.4"]);
});

test("others may run while many records are looked through", () => {
  const many = storeOf(Array.from({ length: 5000 }, (_, n) => logOf("tick", n)));
  const work = listLogs(many, { filter: { text: "tick" }, limit: 1 }, new StackCache(), 0);
  expect(work.next()).toEqual({ done: false, value: undefined });
  expect(runAtOnce(work).totalCount).toBe(5000);
});
