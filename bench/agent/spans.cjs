// Starts and ends spans through the API, in turns as a busy service has them, and says what one of them cost.
const { trace } = require("@opentelemetry/api");

const spansPerTurn = 50;

function work(tracer) {
  for (let n = 0; n < spansPerTurn; n++) {
    tracer.startActiveSpan("work", { attributes: { "item.id": n, "item.kind": "book" } }, (span) =>
      span.end(),
    );
  }
}

async function measure(tracer, spans) {
  const before = process.cpuUsage();
  for (let done = 0; done < spans; done += spansPerTurn) {
    work(tracer);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / spans;
}

async function main() {
  if (process.env.PLAIN_SDK) {
    const { BasicTracerProvider } = require("@opentelemetry/sdk-trace-base");
    trace.setGlobalTracerProvider(new BasicTracerProvider());
  }
  const tracer = trace.getTracer("bench");
  const spans = Number(process.argv[2]);
  await measure(tracer, spans / 4);
  console.log(JSON.stringify({ cpuUs: await measure(tracer, spans) }));
  process.exit(0);
}
main();
