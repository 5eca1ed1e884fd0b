const { createServer } = require("node:http");
const { assertFree, ports, waitFor } = require("../ports.cjs");
const { charge } = require("./bank.js");

const server = createServer(async (request, response) => {
  try {
    if (request.method !== "POST" || request.url !== "/charge") {
      response.writeHead(404).end();
      return;
    }
    const { cart, amount } = await readJson(request);
    const receipt = await charge(amount);
    await fetch(`http://127.0.0.1:${ports.cart}/cart/${cart}/paid`, { method: "POST" });
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(receipt));
  } catch (error) {
    console.error(`${request.method} ${request.url}: ${error.message}`);
    response.writeHead(500, { "content-type": "text/plain; charset=utf-8" }).end(error.message);
  }
});

async function readJson(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString());
}

async function main() {
  await assertFree("payment");
  await waitFor("cart");
  server.listen(ports.payment, "127.0.0.1", () => console.log(`payment: listening on port ${ports.payment}`));
}

void main();
