import type { FastifyInstance } from "fastify";
import { ports } from "../../ports.cjs";

export interface Cart {
  id: number;
  customer: string;
  items: { id: number; count: number }[];
}

export async function loadCart(id: number): Promise<Cart> {
  const response = await fetch(`http://127.0.0.1:${ports.cart}/cart/${id}`);
  if (!response.ok) throw new Error(`cart ${id} cannot be read: ${await response.text()}`);
  return (await response.json()) as Cart;
}

export async function cartRoutes(app: FastifyInstance): Promise<void> {
  app.get<{ Params: { id: number } }>("/cart/:id", (request) => loadCart(request.params.id));

  // All three at once: side by side in the flame graph.
  app.get("/carts", () => Promise.all([1, 2, 3].map(loadCart)));
}
