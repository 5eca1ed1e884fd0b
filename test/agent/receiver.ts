import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import protobuf from "protobufjs";
import { WebSocketServer, type WebSocket } from "ws";

/** A span as the agent sent it, the last state winning. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  /** OTLP's numbers: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly startNs: bigint;
  /** 0 while the span has not ended. */
  readonly endNs: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly statusCode: number;
  readonly events: readonly {
    readonly name: string;
    readonly attributes: Readonly<Record<string, unknown>>;
  }[];
  readonly scope: string;
  readonly resource: Readonly<Record<string, unknown>>;
}

/** One process or worker that has connected. */
export interface ReceivedConnection {
  readonly path: string;
  readonly texts: Record<string, unknown>[];
  closed: boolean;
}

const idBytes = { type: "bytes", id: 0 };
/** The fields of opentelemetry-proto 1.x that the tests look at. */
const schema = protobuf.Root.fromJSON({
  nested: {
    Request: { fields: { resourceSpans: { rule: "repeated", type: "ResourceSpans", id: 1 } } },
    ResourceSpans: {
      fields: {
        resource: { type: "Resource", id: 1 },
        scopeSpans: { rule: "repeated", type: "ScopeSpans", id: 2 },
      },
    },
    Resource: { fields: { attributes: { rule: "repeated", type: "KeyValue", id: 1 } } },
    ScopeSpans: {
      fields: { scope: { type: "Scope", id: 1 }, spans: { rule: "repeated", type: "Span", id: 2 } },
    },
    Scope: { fields: { name: { type: "string", id: 1 }, version: { type: "string", id: 2 } } },
    Span: {
      fields: {
        traceId: { ...idBytes, id: 1 },
        spanId: { ...idBytes, id: 2 },
        traceState: { type: "string", id: 3 },
        parentSpanId: { ...idBytes, id: 4 },
        name: { type: "string", id: 5 },
        kind: { type: "int32", id: 6 },
        start: { type: "fixed64", id: 7 },
        end: { type: "fixed64", id: 8 },
        attributes: { rule: "repeated", type: "KeyValue", id: 9 },
        droppedAttributesCount: { type: "uint32", id: 10 },
        events: { rule: "repeated", type: "Event", id: 11 },
        links: { rule: "repeated", type: "Link", id: 13 },
        status: { type: "Status", id: 15 },
        flags: { type: "fixed32", id: 16 },
      },
    },
    Event: {
      fields: {
        time: { type: "fixed64", id: 1 },
        name: { type: "string", id: 2 },
        attributes: { rule: "repeated", type: "KeyValue", id: 3 },
      },
    },
    Link: { fields: { traceId: { ...idBytes, id: 1 }, spanId: { ...idBytes, id: 2 } } },
    Status: { fields: { message: { type: "string", id: 2 }, code: { type: "int32", id: 3 } } },
    KeyValue: { fields: { key: { type: "string", id: 1 }, value: { type: "AnyValue", id: 2 } } },
    AnyValue: {
      oneofs: { value: { oneof: ["string", "bool", "int", "double", "array"] } },
      fields: {
        string: { type: "string", id: 1 },
        bool: { type: "bool", id: 2 },
        int: { type: "int64", id: 3 },
        double: { type: "double", id: 4 },
        array: { type: "ArrayValue", id: 5 },
      },
    },
    ArrayValue: { fields: { values: { rule: "repeated", type: "AnyValue", id: 1 } } },
  },
});
const requestType = schema.lookupType("Request");

interface AnyValue {
  readonly value?: "string" | "bool" | "int" | "double" | "array";
  readonly string?: string;
  readonly bool?: boolean;
  readonly int?: { toString(): string };
  readonly double?: number;
  readonly array?: { readonly values: readonly AnyValue[] };
}
type KeyValues = readonly { readonly key: string; readonly value?: AnyValue }[];
interface DecodedSpan {
  readonly traceId: Uint8Array;
  readonly spanId: Uint8Array;
  readonly parentSpanId: Uint8Array;
  readonly name: string;
  readonly kind: number;
  readonly start: { toString(): string };
  readonly end: { toString(): string };
  readonly attributes: KeyValues;
  readonly events: readonly { readonly name: string; readonly attributes: KeyValues }[];
  readonly status?: { readonly code: number };
}
interface DecodedRequest {
  readonly resourceSpans: readonly {
    readonly resource?: { readonly attributes: KeyValues };
    readonly scopeSpans: readonly {
      readonly scope?: { readonly name: string };
      readonly spans: readonly DecodedSpan[];
    }[];
  }[];
}

/** Decodes one ExportTraceServiceRequest with protobufjs, the oracle for the agent's own encoder. */
export function decodeRequest(bytes: Uint8Array): ReceivedSpan[] {
  const request = requestType.decode(bytes) as unknown as DecodedRequest;
  return request.resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => ({
        traceId: Buffer.from(span.traceId).toString("hex"),
        spanId: Buffer.from(span.spanId).toString("hex"),
        parentSpanId: Buffer.from(span.parentSpanId).toString("hex"),
        name: span.name,
        kind: span.kind,
        startNs: BigInt(span.start.toString()),
        endNs: BigInt(span.end.toString()),
        attributes: toRecord(span.attributes),
        statusCode: span.status?.code ?? 0,
        events: span.events.map((event) => ({ name: event.name, attributes: toRecord(event.attributes) })),
        scope: scope?.name ?? "",
        resource: toRecord(resource?.attributes ?? []),
      })),
    ),
  );
}

function toRecord(pairs: KeyValues): Record<string, unknown> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, toValue(value)]));
}

function toValue(value: AnyValue | undefined): unknown {
  if (value?.value === undefined) return undefined;
  if (value.value === "int") return Number(value.int?.toString());
  if (value.value === "array") return value.array?.values.map(toValue);
  return value[value.value];
}

/** What the engine is to the agent: accepts its WebSocket and OTLP/HTTP, and keeps what came. */
export class Receiver {
  readonly connections: ReceivedConnection[] = [];
  /** Every state of every span, in the order of arrival. */
  readonly states: ReceivedSpan[] = [];
  /** Bodies posted to …/v1/traces by programs' own exporters. */
  readonly posts: { readonly path: string; readonly spans: readonly ReceivedSpan[] }[] = [];
  /** A text frame that each agent gets when it connects. */
  say: string | undefined;
  readonly #server: Server;
  readonly #sockets = new Set<WebSocket>();
  readonly #waiting = new Set<() => void>();

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const isTraces = request.url?.endsWith("/v1/traces") === true;
        const isProtobuf = request.headers["content-type"] === "application/x-protobuf";
        const spans = isTraces && isProtobuf ? decodeRequest(Buffer.concat(chunks)) : [];
        this.posts.push({ path: request.url ?? "", spans });
        response.writeHead(200, { "content-type": "application/x-protobuf" }).end();
        this.#changed();
      });
    });
    new WebSocketServer({ server: this.#server }).on("connection", (socket, request) => {
      const connection: ReceivedConnection = { path: request.url ?? "", texts: [], closed: false };
      this.connections.push(connection);
      this.#sockets.add(socket);
      if (this.say !== undefined) socket.send(this.say);
      socket.on("message", (data: Buffer, isBinary) => {
        if (isBinary) this.states.push(...decodeRequest(data));
        else connection.texts.push(JSON.parse(data.toString("utf8")) as Record<string, unknown>);
        this.#changed();
      });
      socket.on("error", () => undefined);
      socket.on("close", () => {
        connection.closed = true;
        this.#sockets.delete(socket);
        this.#changed();
      });
    });
  }

  /** @param port 0 takes any that is free */
  async listen(port = 0): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
  }

  /** Sends a text frame to every agent that is connected. */
  sayToAll(text: string): void {
    for (const socket of this.#sockets) socket.send(text);
  }

  get endpoint(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${String(port)}/s/abcdefghijklmnopqrstuv`;
  }

  /** The last state of each span. */
  get spans(): ReceivedSpan[] {
    const byId = new Map<string, ReceivedSpan>();
    for (const span of this.states) byId.set(`${span.traceId}${span.spanId}${String(span.startNs)}`, span);
    return [...byId.values()];
  }

  /** Resolves as soon as `condition` gives a value; rejects with what did arrive. */
  async until<T>(condition: () => T | undefined | false, what: string, timeoutMs = 20_000): Promise<T> {
    const now = condition();
    if (now !== undefined && now !== false) return now;
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const found = condition();
        if (found === undefined || found === false) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        const seen = this.spans.map((span) => `${span.name}${span.endNs === 0n ? " (open)" : ""}`).join(", ");
        reject(new Error(`waited for ${what}; there came: ${seen || "nothing"}`));
      }, timeoutMs);
      this.#waiting.add(check);
    });
  }

  clear(): void {
    this.states.length = 0;
    this.posts.length = 0;
    this.connections.length = 0;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #changed(): void {
    for (const check of [...this.#waiting]) check();
  }
}
