import { END, MALFORMED, WireReader } from "../../base/wire-reader.ts";
import { isSpanId, isTraceId } from "../../model/ids.ts";
import { EXPONENTIAL_HISTOGRAM, HISTOGRAM } from "../../model/metric.ts";
import type { PointColumns } from "../../model/metric-points.ts";
import type { Exemplar } from "../../model/series.ts";
import { hexOfBytes } from "../store/hex.ts";
import { doubleOf } from "../store/series-doubles.ts";
import { readAttributesOf } from "./attribute-values.ts";

/** The exemplars of data points of one kind of metric. */
export function readExemplars(points: PointColumns, kind: number): Exemplar[] {
  const exemplars: Exemplar[] = [];
  const tagOfKind = kind === HISTOGRAM ? 0x42 : kind === EXPONENTIAL_HISTOGRAM ? 0x5a : 0x2a;
  const reader = new WireReader();
  for (let sample = 0; sample < points.count; sample++) {
    const end = points.extraEnd[sample] ?? 0;
    reader.reset(points.extras.buffer, points.extraStart(sample), end);
    for (let tag = reader.next(); tag > END; tag = reader.next()) {
      if (tag !== tagOfKind) {
        if (!reader.skip(tag)) break;
        continue;
      }
      const exemplarEnd = reader.enter();
      if (exemplarEnd === MALFORMED) break;
      exemplars.push(readExemplar(reader.bytes, reader.position, exemplarEnd, sample));
      reader.position = exemplarEnd;
    }
  }
  return exemplars;
}

function readExemplar(bytes: Uint8Array, start: number, end: number, sample: number): Exemplar {
  const reader = new WireReader();
  reader.reset(bytes, start, end);
  let time = 0n;
  let value = Number.NaN;
  let traceId = "";
  let spanId = "";
  for (let tag = reader.next(); tag > END; tag = reader.next()) {
    if ((tag & 7) === 2) {
      const inner = reader.enter();
      if (inner === MALFORMED) break;
      if (tag === SPAN_ID) spanId = hexOfBytes(bytes, reader.position, inner);
      else if (tag === TRACE_ID) traceId = hexOfBytes(bytes, reader.position, inner);
      reader.position = inner;
    } else if ((tag & 7) === 1 ? !reader.fixed64() : !reader.skip(tag)) break;
    else if (tag === TIME) time = (BigInt(reader.high) << 32n) | BigInt(reader.low);
    else if (tag === AS_DOUBLE) value = doubleOf(reader.low, reader.high);
    else if (tag === AS_INT) value = (reader.high | 0) * 2 ** 32 + reader.low;
  }
  return {
    sample,
    timeUnixNano: time.toString(),
    value,
    traceId: isTraceId(traceId) ? traceId : undefined,
    spanId: isSpanId(spanId) ? spanId : undefined,
    attributes: readAttributesOf(bytes, start, end, FILTERED_ATTRIBUTE),
  };
}

const TIME = 0x11;
const AS_DOUBLE = 0x19;
const SPAN_ID = 0x22;
const TRACE_ID = 0x2a;
const AS_INT = 0x31;
const FILTERED_ATTRIBUTE = 0x3a;
