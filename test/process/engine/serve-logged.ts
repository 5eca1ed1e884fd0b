import { createEngine } from "../../../src/engine/engine.ts";

/**
 * A program of its own for the kill test: `serve-logged.ts FOLDER PORT` is an engine with a session log that listens on
 * this port, or on any free one for 0, and prints the port when it does.
 */
const [, , folder = "", port = "0"] = process.argv;
const engine = createEngine();
// Requests are taken while the log is read, as in the editor.
void engine.openLog({ folders: [folder], maxBytes: 1e9, maxAgeDays: 7 });
const opened = await engine.openReceiver({ host: "127.0.0.1", httpPort: Number(port), grpcPort: 0 });
process.stdout.write(opened.ok ? `${opened.value.http}\n` : `${opened.error.message}\n`);
