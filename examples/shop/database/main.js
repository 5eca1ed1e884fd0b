// PostgreSQL in this process, without a server to install: PGlite, reached by the ordinary `pg` driver.
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { readFile } from "node:fs/promises";
import { assertFree, ports } from "../ports.cjs";

await assertFree("database");
const database = await PGlite.create();
await database.exec(await readFile(new URL("schema.sql", import.meta.url), "utf8"));

const server = new PGLiteSocketServer({
  db: database,
  host: "127.0.0.1",
  port: ports.database,
  maxConnections: 10,
});
await server.start();
console.log(`database: listening on port ${ports.database}`);
