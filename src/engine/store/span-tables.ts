import { AttributeDictionary } from "./attribute-dictionary.ts";
import { ByteArena } from "./byte-arena.ts";
import { ByteInterner } from "./byte-interner.ts";
import { OriginTable } from "./origin-table.ts";
import { CHUNK_BYTES, NO_TRACE, chunkIndexOf, indexInChunk, type SpanChunk } from "./span-chunk.ts";
import { TraceTable } from "./trace-table.ts";
import { TwinIndex } from "./twin-index.ts";

/** All that the rows of spans are in, and what they refer to. {@link SpanStore} is what others see of it. */
export class SpanTables {
  readonly traces = new TraceTable();
  readonly origins = new OriginTable();
  readonly attributes = new AttributeDictionary();
  /** Names of spans, by the number in {@link SpanChunk.name}. */
  readonly names = new ByteInterner({ entries: 1 << 18, bytes: 16 << 20 });
  /** See span-record.ts, by the address in {@link SpanChunk.record}. */
  readonly records = new ByteArena();
  /** By chunk number; undefined where all rows have left. */
  readonly chunks: (SpanChunk | undefined)[] = [];
  readonly twins = new TwinIndex(this);
  /** Chunks whose rows have not all left. */
  chunkCount = 0;
  /** Rows that have not left. */
  spanCount = 0;
  /** The number of the next row: no number is used twice. */
  nextRow = 0;

  /** Bytes of memory that all of it takes. */
  get byteLength(): number {
    return (
      this.chunkCount * CHUNK_BYTES +
      this.records.byteLength +
      this.traces.byteLength +
      this.origins.byteLength +
      this.attributes.byteLength +
      this.names.byteLength +
      this.twins.byteLength
    );
  }

  /** The chunk of a row that is held, undefined for one that left or never was. */
  chunkOf(row: number): SpanChunk | undefined {
    const chunk = this.chunks[chunkIndexOf(row)];
    return chunk === undefined || chunk.trace[indexInChunk(row)] === NO_TRACE ? undefined : chunk;
  }
}
