import { expect, test } from "vitest";
import { endpointOf } from "../../../../src/host/session/endpoint.ts";
import { neededVariables } from "../../../../src/host/session/needed-variables.ts";

const endpoint = endpointOf({ http: 4318, grpc: 4317, taken: [] });

test("a Node program needs the agent besides OpenTelemetry's variables", () => {
  expect(neededVariables(endpoint, "pwa-node", "/a b/p.cjs")).toMatchObject({
    SPANLIGHT_ENDPOINT: "http://127.0.0.1:4318",
    NODE_OPTIONS: '--require "/a b/p.cjs"',
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318",
  });
});

test.each(["go", "mock", undefined])("a program of type %s needs OpenTelemetry's variables only", (type) => {
  const names = Object.keys(neededVariables(endpoint, type, "/p.cjs"));
  expect(names).toContain("OTEL_EXPORTER_OTLP_PROTOCOL");
  expect(names.filter((name) => !name.startsWith("OTEL_"))).toEqual([]);
});
