import { anyValue, attributes, count, id, items, requestOf, schemaOf, text } from "./otlp-json-schema.ts";

const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"];
/** By their number: "unspecified", "trace", "trace2" to "fatal4". */
const SEVERITIES = [
  "unspecified",
  ...LEVELS.flatMap((level) => ["", "2", "3", "4"].map((step) => level + step)),
];

const LOG_RECORD = schemaOf({
  timeUnixNano: { is: "fixed64", tag: 0x09, fault: "a log record's time is not an integer of 64 bits" },
  severityNumber: { is: "enum", tag: 0x10, names: SEVERITIES, prefix: "SEVERITY_NUMBER_" },
  severityText: text(0x1a),
  body: anyValue(0x2a),
  attributes: attributes(0x32),
  droppedAttributesCount: count(0x38),
  flags: { is: "fixed32", tag: 0x45 },
  traceId: id(0x4a, 16, "a log record's trace id"),
  spanId: id(0x52, 8, "a log record's span id"),
  observedTimeUnixNano: {
    is: "fixed64",
    tag: 0x59,
    fault: "a log record's observed time is not an integer of 64 bits",
  },
  eventName: text(0x62),
});

/** ExportLogsServiceRequest. */
export const LOGS_REQUEST = requestOf(
  { resources: "resourceLogs", scopes: "scopeLogs", members: "logRecords" },
  "a log record",
  items(0x12, () => LOG_RECORD),
);
