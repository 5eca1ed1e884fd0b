import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

const backend = process.env.OWN_BACKEND ?? "http://127.0.0.1:4621";

const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ "service.name": "own-sdk" }),
  spanProcessors: [
    new BatchSpanProcessor(new OTLPTraceExporter({ url: `${backend}/v1/traces` }), {
      scheduledDelayMillis: 200,
    }),
  ],
});
provider.register();
