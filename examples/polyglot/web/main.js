// The shop's front: answers GET /order/<product>, and asks the Python service for the price. No telemetry in here.
const { createServer } = require("node:http");

const PORT = Number(process.env.WEB_PORT ?? 4640);
const PRICING_PORT = Number(process.env.PRICING_PORT ?? 4641);

async function order(product) {
  const response = await fetch(`http://127.0.0.1:${PRICING_PORT}/price/${encodeURIComponent(product)}`);
  const price = await response.json();
  return { product, ...price };
}

createServer(async (request, response) => {
  const [, product] = /^\/order\/([^/?]+)/.exec(request.url ?? "") ?? [];
  if (product === undefined) {
    response.writeHead(404).end("Try /order/lamp\n");
    return;
  }
  try {
    const body = JSON.stringify(await order(product));
    response.writeHead(200, { "content-type": "application/json" }).end(`${body}\n`);
  } catch (error) {
    response.writeHead(502).end(`${error.message}\n`);
  }
}).listen(PORT, "127.0.0.1", () => console.log(`http://localhost:${PORT}/order/lamp`));
