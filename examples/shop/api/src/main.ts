import fastify from "fastify";
import { readFile } from "node:fs/promises";
import { assertFree, ports, waitFor } from "../../ports.cjs";
import { cartRoutes } from "./carts.ts";
import { checkoutRoutes } from "./checkout.ts";
import { productRoutes } from "./products.ts";
import { scheduleRebuild, searchRoutes } from "./search.ts";

const page = await readFile(new URL("../index.html", import.meta.url), "utf8");
const app = fastify();

app.setErrorHandler<Error>((error, request, reply) => {
  console.error(`${request.method} ${request.url}: ${error.message}`);
  return reply.code(500).send({ error: error.message });
});

app.register(async (shop) => {
  shop.get("/", (request, reply) => reply.type("text/html").send(page));
});
app.register(cartRoutes);
app.register(checkoutRoutes);
app.register(productRoutes);
app.register(searchRoutes);

await assertFree("api");
await waitFor("database", "cart", "payment");
await app.listen({ host: "127.0.0.1", port: ports.api });
console.log(`api: the shop is open at http://localhost:${ports.api}`);
scheduleRebuild();
