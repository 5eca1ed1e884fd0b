import express from "express";
import { assertFree, ports, waitFor } from "../ports.cjs";
import { db } from "./database.js";

const app = express();

app.get("/cart/:id", async (request, response) => {
  const { id } = request.params;
  const cart = await db.query("select customer, paid_at from cart where id = $1", [id]);
  const items = await db.query("select product_id as id, count from cart_item where cart_id = $1", [id]);
  // A cart that does not exist has no row: a mistake, left in so that there is something to find.
  response.json({ id: Number(id), customer: cart.rows[0].customer, items: items.rows });
});

app.post("/cart/:id/paid", async (request, response) => {
  await db.query("update cart set paid_at = now() where id = $1", [request.params.id]);
  response.sendStatus(204);
});

app.use((error, request, response, next) => {
  console.error(`${request.method} ${request.url}: ${error.message}`);
  if (response.headersSent) return next(error);
  response.status(500).type("text").send(error.message);
});

await assertFree("cart");
await waitFor("database");
app.listen(ports.cart, "127.0.0.1", () => console.log(`cart: listening on port ${ports.cart}`));
