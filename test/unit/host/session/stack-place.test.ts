import { expect, test } from "vitest";
import { frameThatStopped } from "../../../../src/host/session/stack-place.ts";

const stop = { name: "spanlightStop", line: 4, source: { path: "<eval>/spanlight-span-breakpoint.js" } };
const agent = {
  name: "end",
  line: 1,
  source: { path: "/ext/dist/agent/preload.cjs", presentationHint: "deemphasize" },
};
const internal = { name: "emit", line: 9, source: { path: "<node_internals>/events" } };
const library = { name: "handle", line: 7, source: { path: "/app/node_modules/express/layer.js" } };
const label = { name: "HTTPINCOMINGMESSAGE", line: 0, presentationHint: "label" };
const own = { name: "price", line: 12, source: { path: "/app/main.js" } };
const place = { path: "/app/main.js", line: 12, functionName: "price" };

test.each([
  ["the topmost", [own, library], place],
  [
    "the topmost, also in a library",
    [library, own],
    { path: library.source.path, line: 7, functionName: "handle" },
  ],
  ["the person's own under a stop of our agent's", [stop, agent, internal, label, library, own], place],
  ["none, where our agent has stopped and no code of the person runs", [stop, agent, internal], undefined],
  ["none, where there are no frames", [], undefined],
  ["none, where they are none", "frames", undefined],
])("the place of a stop is that of a frame: %s", (_, frames, expected) => {
  expect(frameThatStopped(frames)).toEqual(expected);
});
