// Starts and ends spans for an agent that has no span breakpoints, and says what asking for them cost, against empty functions.
const { join } = require("node:path");
const { buildSync } = require("esbuild");

const { outputFiles } = buildSync({
  entryPoints: [join(__dirname, "../../src/agent/breakpoints/span-stops.ts")],
  bundle: true,
  platform: "node",
  format: "cjs",
  write: false,
});
const bundle = { exports: {} };
new Function("module", "require", "__dirname", outputFiles[0].text)(bundle, require, __dirname);

const spans = Number(process.argv[2]);
const span = {};

function cost(asked) {
  const before = process.cpuUsage();
  for (let n = 0; n < spans; n++) {
    asked.started(span);
    asked.ended(span);
  }
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / spans;
}

const stops = new bundle.exports.SpanStops(() => undefined);
const empty = () => undefined;
const nothing = { started: empty, ended: empty };
cost(nothing);
cost(stops);
const least = (asked) => Math.min(...[1, 2, 3, 4, 5].map(() => cost(asked)));
console.log(JSON.stringify({ ns: least(stops), emptyNs: least(nothing) }));
