import pg from "pg";
import { ports } from "../../ports.cjs";

export const db = new pg.Pool({
  host: "127.0.0.1",
  port: ports.database,
  user: "postgres",
  database: "postgres",
  max: 1,
});

// An idle connection that the database closes is no reason to stop: the next query opens another.
db.on("error", () => {});
