import type { LogRecord } from "../../../src/model/log-record.ts";
import type { Span } from "../../../src/model/span.ts";

const STACK =
  "PaymentError: card was declined\n    at charge (/shop/payment/index.cjs:24:11)\n    at node:internal/process:1:1";

/** The log records of a payment that failed, in the order in which they happened; none of other spans. */
export function paymentLogs(span: Span): LogRecord[] {
  if (span.name !== "POST payment" || span.status !== "error") return [];
  return [
    logRecord(span, 1, 0.4, { severity: 5, body: "charging 42.10 EUR for cart 7" }),
    logRecord(span, 2, 12.9, {
      severity: 9,
      severityText: "INFO",
      body: "asking the bank",
      attributes: [
        { key: "bank", value: "first" },
        { key: "code.file.path", value: "/shop/payment/index.cjs" },
        { key: "code.line.number", value: 22 },
      ],
      locations: [{ path: "/shop/payment/index.cjs", line: 22, evidence: "code-attributes" }],
    }),
    logRecord(span, 3, 80.2, {
      severity: 13,
      severityText: "WARN",
      body: { map: [{ key: "retry", value: 1 }] },
      eventName: "bank.slow",
    }),
    logRecord(span, 4, 104, {
      severity: 17,
      severityText: "ERROR",
      body: "payment failed\ncard was declined by <b>first</b>",
      attributes: [
        { key: "exception.type", value: "PaymentError" },
        { key: "exception.message", value: "card was declined" },
        { key: "exception.stacktrace", value: STACK },
      ],
      locations: [{ path: "/shop/payment/index.cjs", line: 24, column: 11, evidence: "exception-frame" }],
      frames: [
        {
          textLine: 1,
          start: 15,
          end: 44,
          isLibrary: false,
          location: { path: "/shop/payment/index.cjs", line: 24, column: 11, evidence: "exception-frame" },
        },
      ],
    }),
  ];
}

/** A record of a span, so many milliseconds after its start. */
export function logRecord(span: Span, row: number, atMs: number, more: Partial<LogRecord>): LogRecord {
  return {
    row,
    traceId: span.traceId,
    spanId: span.spanId,
    run: span.run,
    service: span.service,
    scope: "app",
    timeUnixNano: String(BigInt(span.startTimeUnixNano) + BigInt(Math.round(atMs * 1e6))),
    severity: 0,
    severityText: "",
    eventName: "",
    body: "",
    attributes: [],
    droppedAttributesCount: 0,
    locations: [],
    ...more,
  };
}
