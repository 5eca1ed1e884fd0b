import "./telemetry.js";
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { createServer } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

const tracer = trace.getTracer("own-sdk");
const port = Number(process.env.PORT ?? 4620);

function quote(symbol) {
  return tracer.startActiveSpan("quote", { attributes: { "quote.symbol": symbol } }, async (span) => {
    try {
      await delay(30);
      if (symbol === "NONE") throw new Error("no such symbol");
      return { symbol, price: 42 };
    } catch (error) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw error;
    } finally {
      span.end();
    }
  });
}

const server = createServer((request, response) => {
  tracer.startActiveSpan("GET /quote", { kind: SpanKind.SERVER }, async (span) => {
    const symbol = new URL(request.url, "http://localhost").searchParams.get("symbol") ?? "ACME";
    try {
      const body = JSON.stringify(await quote(symbol));
      response.writeHead(200, { "content-type": "application/json" }).end(body);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      response.writeHead(500, { "content-type": "text/plain" }).end(error.message);
    } finally {
      span.end();
    }
  });
});

server.listen(port, "127.0.0.1", () => {
  console.log(`own-sdk: open http://localhost:${server.address().port}/quote`);
});
