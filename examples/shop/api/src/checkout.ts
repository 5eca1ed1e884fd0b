// Buying what is in a cart: the cart's service knows the items, the database the prices, payment the bank.
import type { FastifyInstance } from "fastify";
import { ports } from "../../ports.cjs";
import { loadCart, type Cart } from "./carts.ts";
import { db } from "./database.ts";

interface Receipt {
  receipt: string;
  amount: number;
}

async function charge(cart: Cart, amount: number): Promise<Receipt> {
  const response = await fetch(`http://127.0.0.1:${ports.payment}/charge`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ cart: cart.id, amount }),
  });
  if (!response.ok) throw new Error(`cart ${cart.id} is not paid: ${await response.text()}`);
  return (await response.json()) as Receipt;
}

export async function checkoutRoutes(app: FastifyInstance): Promise<void> {
  app.post<{ Body?: { cart?: number } }>("/checkout", async (request) => {
    const cart = await loadCart(request.body?.cart ?? 1);

    // One query for each item, where a single one would do: the N+1 pattern.
    let total = 0;
    for (const item of cart.items) {
      const price = await db.query("select price from product where id = $1", [item.id]);
      total += price.rows[0].price * item.count;
    }

    const { receipt } = await charge(cart, total);
    return { customer: cart.customer, items: cart.items.length, total, receipt };
  });
}
