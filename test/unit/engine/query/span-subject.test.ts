import { expect, it } from "vitest";
import { openTrace } from "../../../../src/engine/query/open-trace.ts";
import { runAtOnce } from "../../../../src/engine/query/slices.ts";
import { SpanSubjects } from "../../../../src/engine/query/span-subject.ts";
import { summarizeTrace } from "../../../../src/engine/query/trace-summary.ts";
import { NO_STRING } from "../../../../src/model/trace.ts";
import { idOf, storeOf, type Sketch } from "./filled-store.ts";

const SERVER = 2;
const CLIENT = 3;

function subjectOf(sketch: Omit<Sketch, "id">): string {
  const store = storeOf([{ id: 1, ...sketch }]);
  const chunk = store.chunkOf(0);
  return chunk === undefined ? "no row" : new SpanSubjects(store).read(chunk, 0);
}

it.each<[string, Omit<Sketch, "id">, string]>([
  [
    "a call's service before its host",
    { name: "POST", kind: CLIENT, attributes: { "server.address": "10.0.0.1", "peer.service": "payment" } },
    "payment",
  ],
  [
    "a call's host with its port",
    { name: "GET", kind: CLIENT, attributes: { "server.port": 4601, "server.address": "127.0.0.1" } },
    "127.0.0.1:4601",
  ],
  [
    "a call's host without a port that goes without saying",
    { name: "GET", kind: CLIENT, attributes: { "net.peer.name": "api.example.com", "net.peer.port": 443 } },
    "api.example.com",
  ],
  [
    "the host of a URL, and nothing secret in it",
    { name: "HTTP GET", kind: CLIENT, attributes: { "http.url": "https://me:pass@example.com/a?key=1" } },
    "example.com",
  ],
  [
    "a request's route before its path",
    { name: "GET", kind: SERVER, attributes: { "url.path": "/cart/7", "http.route": "/cart/:id" } },
    "/cart/:id",
  ],
  [
    "a request's path without its query",
    { name: "GET", kind: SERVER, attributes: { "http.target": "/cart/7?key=1" } },
    "/cart/7",
  ],
  [
    "the path of a request's URL",
    { name: "GET", kind: SERVER, attributes: { "url.full": "http://localhost:80/cart/7?key=1#top" } },
    "/cart/7",
  ],
  ["nothing where the name tells", { name: "GET /a", kind: SERVER, attributes: { "url.path": "/b" } }, ""],
  ["nothing where no attribute tells", { name: "GET", kind: SERVER, attributes: { "http.host": "a" } }, ""],
  ["nothing of what is no text", { name: "GET", kind: SERVER, attributes: { "url.path": 7 } }, ""],
  [
    "a part of a text without end",
    { name: "GET", kind: SERVER, attributes: { "url.path": "/".repeat(999) } },
    "/".repeat(200),
  ],
])("tells %s", (_title, sketch, expected) => {
  expect(subjectOf(sketch)).toBe(expected);
});

it("is told with a trace, and of a call that was answered by the service that did", () => {
  const store = storeOf([
    { id: 1, name: "GET", kind: SERVER, service: "web", attributes: { "url.path": "/order/lamp" } },
    {
      id: 2,
      parent: 1,
      name: "GET",
      kind: CLIENT,
      service: "web",
      attributes: { "server.address": "10.0.0.1" },
    },
    { id: 3, parent: 2, name: "GET /price", kind: SERVER, service: "pricing" },
    {
      id: 4,
      parent: 1,
      name: "GET",
      kind: CLIENT,
      service: "web",
      attributes: { "server.address": "10.0.0.2" },
    },
  ]);
  const columns = openTrace(store, idOf(1));
  const { strings = [], subject, row = [] } = columns ?? {};
  expect([...row].map((_, span) => strings[subject?.[span] ?? NO_STRING])).toEqual([
    "/order/lamp",
    "pricing",
    undefined,
    "10.0.0.2",
  ]);
  expect(runAtOnce(summarizeTrace(store, 0)).subject).toBe("/order/lamp");
});

it("costs nothing where all names tell", () => {
  const store = storeOf([{ id: 1, name: "GET /cart", kind: SERVER, attributes: { "url.path": "/cart" } }]);
  expect(openTrace(store, idOf(1))?.subject).toBeUndefined();
  expect("subject" in runAtOnce(summarizeTrace(store, 0))).toBe(false);
});
