// Customers of the shop: `npm run load`, or `npm run load -- 60` for a minute of them.
const { setTimeout: delay } = require("node:timers/promises");
const { ports } = require("./ports.cjs");

const SECONDS = Number(process.argv[2] ?? 20);
const CUSTOMERS = 3;

const checkout = (cart) => ({
  path: "/checkout",
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ cart }),
});
const get = (path) => ({ path, method: "GET" });

const requests = [
  get("/products"),
  checkout(1),
  get("/search?text=lamp"),
  checkout(1),
  get("/carts"),
  checkout(2),
  get("/products"),
  checkout(3),
  get("/cart/77"),
  get("/report"),
];

async function customer(number, end, counts) {
  for (let turn = number * 3; Date.now() < end; turn++) {
    const { path, ...options } = requests[turn % requests.length];
    const response = await fetch(`http://127.0.0.1:${ports.api}${path}`, options);
    await response.text();
    const key = `${options.method} ${path}: ${response.status}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    await delay(150);
  }
}

async function main() {
  console.log(`${CUSTOMERS} customers for ${SECONDS} s …`);
  const counts = new Map();
  const end = Date.now() + SECONDS * 1000;
  await Promise.all(Array.from({ length: CUSTOMERS }, (_, number) => customer(number, end, counts)));
  for (const [key, count] of [...counts].sort()) console.log(`${String(count).padStart(5)} × ${key}`);
}

main().catch((error) => {
  console.error(
    `The shop does not answer at port ${ports.api} (${error.cause?.code ?? error.message}). Is it running?`,
  );
  process.exitCode = 1;
});
