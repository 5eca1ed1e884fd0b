import { SPAN_KINDS, SPAN_STATUSES } from "../../model/span.ts";
import {
  attributes,
  count,
  id,
  items,
  message,
  parts,
  requestOf,
  schemaOf,
  text,
} from "./otlp-json-schema.ts";

const EVENT = schemaOf({
  timeUnixNano: { is: "fixed64", tag: 0x09, fault: "an event's time is not an integer of 64 bits" },
  name: text(0x12),
  attributes: attributes(0x1a),
  droppedAttributesCount: count(0x20),
});
const LINK = schemaOf({
  traceId: { is: "id", tag: 0x0a, fault: "a link's trace id is not hexadecimal" },
  spanId: { is: "id", tag: 0x12, fault: "a link's span id is not hexadecimal" },
  traceState: text(0x1a),
  attributes: attributes(0x22),
  droppedAttributesCount: count(0x28),
  flags: { is: "fixed32", tag: 0x35 },
});
const STATUS = schemaOf({
  message: text(0x12),
  code: { is: "enum", tag: 0x18, names: SPAN_STATUSES, prefix: "STATUS_CODE_" },
});
const SPAN = schemaOf({
  traceId: id(0x0a, 16, "a trace id"),
  spanId: id(0x12, 8, "a span id"),
  traceState: text(0x1a),
  parentSpanId: id(0x22, 8, "a parent span id"),
  name: text(0x2a),
  kind: { is: "enum", tag: 0x30, names: SPAN_KINDS, prefix: "SPAN_KIND_" },
  startTimeUnixNano: { is: "fixed64", tag: 0x39, fault: "a span's start is not an integer of 64 bits" },
  endTimeUnixNano: { is: "fixed64", tag: 0x41, fault: "a span's end is not an integer of 64 bits" },
  attributes: attributes(0x4a),
  droppedAttributesCount: count(0x50),
  events: parts(0x5a, () => EVENT),
  droppedEventsCount: count(0x60),
  links: parts(0x6a, () => LINK),
  droppedLinksCount: count(0x70),
  status: message(0x7a, () => STATUS),
  flags: { is: "fixed32", tag: 0x85 },
});

/** ExportTraceServiceRequest. */
export const TRACES_REQUEST = requestOf(
  { resources: "resourceSpans", scopes: "scopeSpans", members: "spans" },
  "a span",
  items(0x12, () => SPAN),
);
