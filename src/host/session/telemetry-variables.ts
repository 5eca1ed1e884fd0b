import { SESSION_HEADER, type Endpoint } from "./endpoint.ts";

/** What the person set themselves, by name; `null` is a wish for absence. */
export type Own = (name: string) => string | null | undefined;

/** OpenTelemetry's own defaults batch for five seconds: too long for somebody who watches. */
const BATCH_DELAY_MS = "200";

/** The default is a minute. A second is what a chart beside the code wants, and costs a few kilobytes. */
const METRIC_INTERVAL_MS = "1000";

/** Whoever sets one of these has an exporter in mind: none of its settings is touched then. */
const OWN_EXPORTER = [
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
  "OTEL_TRACES_EXPORTER",
] as const;

/**
 * The variables of OpenTelemetry's specification (SDK environment variables, OTLP exporter) that a program with an SDK
 * needs. Those that the person set are left out, and so is all that would bend an exporter of their own.
 * @param service a name for a program that has none.
 */
export function telemetryVariables(
  endpoint: Endpoint,
  own: Own,
  service?: string,
): ReadonlyMap<string, string> {
  const wanted = new Map<string, string>();
  if (OWN_EXPORTER.every((name) => own(name) === undefined)) {
    if (own("OTEL_EXPORTER_OTLP_PROTOCOL") === "grpc") {
      wanted.set("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.grpc);
      if (endpoint.sessionId !== undefined)
        wanted.set("OTEL_EXPORTER_OTLP_HEADERS", `${SESSION_HEADER}=${endpoint.sessionId}`);
    } else {
      wanted.set("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.http);
      // Python's distribution defaults to gRPC, and without that exporter installed makes no spans at all.
      wanted.set("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
    }
    for (const signal of ["TRACES", "METRICS", "LOGS"]) wanted.set(`OTEL_${signal}_EXPORTER`, "otlp");
    wanted.set("OTEL_TRACES_SAMPLER", "always_on");
    wanted.set("OTEL_BSP_SCHEDULE_DELAY", BATCH_DELAY_MS);
    wanted.set("OTEL_BLRP_SCHEDULE_DELAY", BATCH_DELAY_MS);
    wanted.set("OTEL_METRIC_EXPORT_INTERVAL", METRIC_INTERVAL_MS);
  }
  if (service !== undefined && !/(^|,)\s*service\.name\s*=/.test(own("OTEL_RESOURCE_ATTRIBUTES") ?? ""))
    wanted.set("OTEL_SERVICE_NAME", service);
  return new Map([...wanted].filter(([name]) => own(name) === undefined));
}
