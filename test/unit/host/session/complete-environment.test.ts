import { describe, expect, test } from "vitest";
import {
  completeEnvironment,
  type LaunchConfiguration,
  type Surroundings,
} from "../../../../src/host/session/complete-environment.ts";
import { debugTypeOf, type DebugType } from "../../../../src/host/session/debug-types.ts";
import { endpointOf } from "../../../../src/host/session/endpoint.ts";
import { readEnvironment } from "../../../../src/host/session/environment-field.ts";
import { newSessionId } from "../../../../src/host/session/session-id.ts";

const ports = { http: 4318, grpc: 4317, taken: [] };
const sessionId = newSessionId();
const endpoint = endpointOf(ports, sessionId);
const agentPath = "/ext/dist/agent/preload.cjs";
const plain: Surroundings = {
  endpoint,
  agentPath,
  traceFunctions: [],
  service: "checkout",
  envFile: new Map(),
  inherited: {},
  foldCase: false,
  isIssued: () => false,
};

const TELEMETRY = {
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint.http,
  OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
  OTEL_TRACES_EXPORTER: "otlp",
  OTEL_METRICS_EXPORTER: "otlp",
  OTEL_LOGS_EXPORTER: "otlp",
  OTEL_TRACES_SAMPLER: "always_on",
  OTEL_BSP_SCHEDULE_DELAY: "200",
  OTEL_BLRP_SCHEDULE_DELAY: "200",
  OTEL_METRIC_EXPORT_INTERVAL: "1000",
};
const OTHER = { ...TELEMETRY, OTEL_SERVICE_NAME: "checkout", SPANLIGHT_ENDPOINT: endpoint.http };
const NODE = { ...TELEMETRY, SPANLIGHT_ENDPOINT: endpoint.http, NODE_OPTIONS: `--require ${agentPath}` };

function typeOf(name: string): DebugType {
  const type = debugTypeOf(name);
  if (type === undefined) throw new Error(`${name} is not in the table`);
  return type;
}

function complete(
  type: string,
  attributes: Readonly<Record<string, unknown>> = {},
  around: Partial<Surroundings> = {},
): {
  variables: Record<string, string | null>;
  configuration: LaunchConfiguration;
  notes: readonly unknown[];
} {
  const asked = { type, request: "launch", name: "program", ...attributes };
  const { configuration, notes } = completeEnvironment(asked, typeOf(type), { ...plain, ...around });
  const field: unknown = (configuration as Record<string, unknown>)[typeOf(type).field];
  return { variables: Object.fromEntries(readEnvironment(field)), configuration, notes };
}

describe("for each debug type, the environment", () => {
  const types: readonly [
    type: string,
    field: string,
    variables: object,
    form: "object" | "list" | "pairs",
  ][] = [
    ["node", "env", NODE, "object"],
    ["pwa-node", "env", NODE, "object"],
    ["node-terminal", "env", NODE, "object"],
    ["python", "env", OTHER, "object"],
    ["debugpy", "env", OTHER, "object"],
    ["go", "env", OTHER, "object"],
    ["java", "env", OTHER, "object"],
    ["coreclr", "env", OTHER, "object"],
    ["cppdbg", "environment", OTHER, "pairs"],
    ["cppvsdbg", "environment", OTHER, "pairs"],
    ["lldb", "env", OTHER, "object"],
    ["lldb-dap", "env", OTHER, "list"],
    ["php", "env", OTHER, "object"],
    ["rdbg", "env", OTHER, "object"],
    ["ruby_lsp", "env", OTHER, "object"],
    ["dart", "env", OTHER, "object"],
  ];
  const written = (variables: object, form: "object" | "list" | "pairs"): unknown => {
    const entries = Object.entries(variables) as [string, string][];
    if (form === "object") return variables;
    return form === "list"
      ? expect.arrayContaining(entries.map(([name, value]) => `${name}=${value}`))
      : expect.arrayContaining(entries.map(([name, value]) => ({ name, value })));
  };

  test.each(types)("of %s is written where and how its adapter reads it", (type, field, variables, form) => {
    const { configuration, notes } = complete(type);
    expect((configuration as Record<string, unknown>)[field]).toEqual(written(variables, form));
    expect(notes).toEqual([]);
  });

  test.each(types)("of %s is complete after the first time", (type) => {
    const { configuration } = complete(type, { env: undefined });
    const again = completeEnvironment(configuration, typeOf(type), plain);
    expect(again.configuration).toEqual(configuration);
    expect(again.notes).toEqual([]);
  });

  test.each(types)("of %s keeps a variable of the person's", (type, field, _variables, form) => {
    const own =
      form === "object" ? { MINE: "1" } : form === "list" ? ["MINE=1"] : [{ name: "MINE", value: "1" }];
    expect(complete(type, { [field]: own }).variables).toMatchObject({
      MINE: "1",
      SPANLIGHT_ENDPOINT: endpoint.http,
    });
  });
});

describe("what the person set", () => {
  const sources: readonly [
    where: string,
    give: (name: string, value: string) => [Record<string, unknown>, Partial<Surroundings>],
  ][] = [
    ["in the configuration", (name, value) => [{ env: { [name]: value } }, {}]],
    ["in its envFile", (name, value) => [{}, { envFile: new Map([[name, value]]) }]],
    ["in the editor's environment", (name, value) => [{}, { inherited: { [name]: value } }]],
  ];

  describe.each(sources)("%s", (_where, give) => {
    test.each(["OTEL_BSP_SCHEDULE_DELAY", "OTEL_TRACES_SAMPLER", "OTEL_SERVICE_NAME"])("wins: %s", (name) => {
      const { variables, notes } = complete("go", ...give(name, "mine"));
      expect([undefined, "mine"]).toContain(variables[name]);
      expect(variables["OTEL_EXPORTER_OTLP_ENDPOINT"]).toBe(endpoint.http);
      expect(notes).toEqual([{ kind: "kept-own", names: [name] }]);
    });

    test.each([
      "OTEL_EXPORTER_OTLP_ENDPOINT",
      "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
      "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
      "OTEL_TRACES_EXPORTER",
    ])("keeps the whole exporter: %s", (name) => {
      const [attributes, around] = give(name, "mine");
      const { variables, notes } = complete("node", attributes, around);
      const exporter = Object.keys(variables).filter((one) => one.startsWith("OTEL_") && one !== name);
      expect(exporter).toEqual([]);
      // The agent works beside it.
      expect(variables).toMatchObject({ SPANLIGHT_ENDPOINT: endpoint.http, NODE_OPTIONS: NODE.NODE_OPTIONS });
      expect(notes).toEqual([{ kind: "kept-own", names: [name] }]);
    });

    test("is added to, where it is NODE_OPTIONS", () => {
      const { variables, notes } = complete("node", ...give("NODE_OPTIONS", "--max-old-space-size=8192"));
      expect(variables["NODE_OPTIONS"]).toBe(`--max-old-space-size=8192 --require ${agentPath}`);
      expect(notes).toEqual([{ kind: "kept-own", names: ["NODE_OPTIONS"] }]);
    });

    test("is told of, where it keeps an SDK silent", () => {
      const { notes } = complete("go", ...give("OTEL_SDK_DISABLED", "true"));
      expect(notes).toEqual([{ kind: "kept-own", names: ["OTEL_SDK_DISABLED"] }]);
    });

    test("decides the protocol: gRPC gets the other port, and the session in a header", () => {
      const { variables } = complete("go", ...give("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"));
      expect(variables).toMatchObject({
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4317",
        OTEL_EXPORTER_OTLP_HEADERS: `x-spanlight-session=${sessionId}`,
      });
    });

    test("names the service, where it does so in the resource's attributes", () => {
      const { variables } = complete("go", ...give("OTEL_RESOURCE_ATTRIBUTES", "a=b, service.name=shop"));
      expect(variables).not.toHaveProperty("OTEL_SERVICE_NAME");
    });
  });

  test("to null stays absent", () => {
    const { variables } = complete("go", { env: { OTEL_BSP_SCHEDULE_DELAY: null, OTEL_SERVICE_NAME: null } });
    expect(variables).toMatchObject({ OTEL_BSP_SCHEDULE_DELAY: null, OTEL_SERVICE_NAME: null });
  });

  test("to null for NODE_OPTIONS removes what is inherited, and no more", () => {
    const { variables } = complete(
      "node",
      { env: { NODE_OPTIONS: null } },
      { inherited: { NODE_OPTIONS: "--x" } },
    );
    expect(variables["NODE_OPTIONS"]).toBe(`--require ${agentPath}`);
  });

  test("in another case is the same variable on Windows, and only there", () => {
    const env = { node_options: "--mine", Otel_Traces_Exporter: "zipkin" };
    const windows = complete("node", { env }, { foldCase: true }).variables;
    expect(windows).toMatchObject({
      node_options: `--mine --require ${agentPath}`,
      Otel_Traces_Exporter: "zipkin",
    });
    expect(windows).not.toHaveProperty("NODE_OPTIONS");
    expect(complete("node", { env }).variables["NODE_OPTIONS"]).toBe(`--require ${agentPath}`);
  });

  test("as an endpoint of another Spanlight stays", () => {
    const env = { SPANLIGHT_ENDPOINT: "http://127.0.0.1:9999/s/mine" };
    expect(complete("node", { env }).variables["SPANLIGHT_ENDPOINT"]).toBe(env.SPANLIGHT_ENDPOINT);
  });

  test("does not include what an editor under Spanlight hands down", () => {
    const inherited = { SPANLIGHT_ENDPOINT: "http://127.0.0.1:9999/s/outer" };
    expect(complete("node", {}, { inherited }).variables["SPANLIGHT_ENDPOINT"]).toBe(endpoint.http);
  });
});

describe("a configuration that is used again", () => {
  test.each(["node", "go", "cppdbg", "lldb-dap"])("speaks of the new session: %s", (type) => {
    const first = complete(type).configuration;
    const next = endpointOf({ http: 5318, grpc: 5317, taken: [] }, newSessionId());
    const isIssued = (url: string): boolean => url === endpoint.http;
    const { configuration } = completeEnvironment(first, typeOf(type), {
      ...plain,
      endpoint: next,
      isIssued,
    });
    const fresh = completeEnvironment({ type, request: "launch", name: "program" }, typeOf(type), {
      ...plain,
      endpoint: next,
    }).configuration;
    const { field } = typeOf(type);
    const variablesOf = (one: object): unknown => readEnvironment((one as Record<string, unknown>)[field]);
    expect(variablesOf(configuration)).toEqual(variablesOf(fresh));
  });
});

describe("a Node configuration", () => {
  test.each(["bun", "/usr/local/bin/deno", "C:\\bun\\bun.exe"])(
    "that runs %s is told what it needs",
    (runtimeExecutable) => {
      const { variables, notes } = complete("node", { runtimeExecutable });
      expect(variables).not.toHaveProperty("NODE_OPTIONS");
      expect(notes).toEqual([
        { kind: "not-instrumented", variables: { ...TELEMETRY, SPANLIGHT_ENDPOINT: endpoint.http } },
      ]);
    },
  );

  test("hands on the files whose functions are traced", () => {
    const { variables } = complete("node", {}, { traceFunctions: ["/w/src/**/*.ts"] });
    expect(variables["SPANLIGHT_TRACE_FUNCTIONS"]).toBe('["/w/src/**/*.ts"]');
  });

  test("passes attributes that are no concern of ours through", () => {
    const { configuration } = complete("node", { program: "/w/a.js", args: ["1"], nested: { deep: [1] } });
    expect(configuration).toMatchObject({ program: "/w/a.js", args: ["1"], nested: { deep: [1] } });
  });
});
