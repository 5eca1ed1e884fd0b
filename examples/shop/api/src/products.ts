import type { FastifyInstance } from "fastify";
import { db } from "./database.ts";

export async function productRoutes(app: FastifyInstance): Promise<void> {
  app.get("/products", async () => {
    const products = await db.query("select id, name, price from product order by name limit 20");
    return products.rows;
  });

  // Slow: the table of order lines has no index, and is read once for each of the 200 products.
  app.get("/report", async () => {
    const bestsellers = await db.query(`
      select name, (select sum(count) from order_line where product_id = product.id) as sold
      from product
      order by sold desc
      limit 5`);
    return bestsellers.rows;
  });
}
