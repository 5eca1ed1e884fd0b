import type { FastifyInstance } from "fastify";
import { ports } from "../../ports.cjs";
import { db } from "./database.ts";

const REBUILD_EVERY_SECONDS = Number(process.env.REBUILD_EVERY_SECONDS ?? 120);

export async function searchRoutes(app: FastifyInstance): Promise<void> {
  app.get<{ Querystring: { text?: string } }>("/search", async (request) => {
    const found = await db.query(
      "select id, name, price from product where search @@ plainto_tsquery('simple', $1)",
      [request.query.text ?? "lamp"],
    );
    return found.rows;
  });

  app.post("/jobs/rebuild-index", rebuildIndex);
}

/** Writes the search index anew, a product at a time: many short queries under one job. */
async function rebuildIndex(): Promise<{ indexed: number }> {
  const products = await db.query("select id, name from product order by id");
  for (const { id, name } of products.rows) {
    await db.query("update product set search = to_tsvector('simple', $2) where id = $1", [id, name]);
  }
  return { indexed: products.rows.length };
}

/** Runs the job in the background, again and again; an interval of 0 switches it off. */
export function scheduleRebuild(): void {
  if (REBUILD_EVERY_SECONDS === 0) return;
  setInterval(() => {
    fetch(`http://127.0.0.1:${ports.api}/jobs/rebuild-index`, { method: "POST" }).catch((error) =>
      console.error(`api: the search index could not be rebuilt: ${error.message}`),
    );
  }, REBUILD_EVERY_SECONDS * 1000);
}
