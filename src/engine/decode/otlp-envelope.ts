import { END, MALFORMED, WireReader } from "../../base/wire-reader.ts";
import { MAX_RESOURCE_BYTES } from "../../model/item-limits.ts";
import {
  NO_BYTES,
  type BatchResource,
  type BatchScope,
  type ByteRange,
  type DecodeIssues,
} from "../../model/span-batch.ts";

/** What a batch takes of the messages around its items. */
interface EnvelopeBatch {
  readonly resources: BatchResource[];
  readonly scopes: BatchScope[];
  /** Items so far. */
  readonly count: number;
  begin(body: Uint8Array): void;
}

/** What the messages are called, for the sender's log: "ResourceLogs", "ScopeLogs", "a log record". */
interface EnvelopeNames {
  readonly resource: string;
  readonly scope: string;
  readonly item: string;
}

/** Work that ends a part of the request wherever it yields. */
export type DecodedInParts<Value> = Generator<undefined, Value, undefined>;

/** Reads the item between the reader's position and limit into the batch; tells what is wrong with it, or an empty text. */
type ItemDecoder = (reader: WireReader, envelope: EnvelopeDecoder) => string | DecodedInParts<string>;

/**
 * Walks an OTLP export request (opentelemetry-proto; all signals nest alike) down to its items, part by part: call
 * {@link decode} as long as {@link isDone} is false. Never throws and never reads past a message's parent. A bad item is
 * counted; a fault outside of items ends the message it is in, not the messages around it.
 */
export class EnvelopeDecoder {
  readonly #reader = new WireReader();
  readonly #body: Uint8Array;
  readonly #batch: EnvelopeBatch;
  readonly #names: EnvelopeNames;
  readonly #decodeItem: ItemDecoder;
  readonly #work: DecodedInParts<void>;
  /** The messages that the position is in. */
  #resource: OpenMessage = { message: NO_BYTES, schemaUrl: NO_BYTES, index: NOT_IN_BATCH };
  #scope: OpenMessage = { ...this.#resource };
  #stopAt = 0;
  #maxItems = 0;
  #steps = 0;
  #isDone = false;
  #rejectedCount = 0;
  #message = "";
  #malformed = false;

  constructor(body: Uint8Array, batch: EnvelopeBatch, names: EnvelopeNames, decodeItem: ItemDecoder) {
    this.#body = body;
    this.#reader.reset(body, 0, body.length);
    this.#batch = batch;
    this.#names = names;
    this.#decodeItem = decodeItem;
    this.#work = this.#request();
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** What was wrong so far. */
  get issues(): DecodeIssues {
    return { rejectedCount: this.#rejectedCount, message: this.#message, malformed: this.#malformed };
  }

  /** Fills the batch anew, with the next items: with all, or with such as take `maxBytes`, or fewer. */
  decode(maxBytes = Infinity): void {
    this.#batch.begin(this.#body);
    this.#resource.index = this.#scope.index = NOT_IN_BATCH;
    const isAll = maxBytes === Infinity;
    this.#stopAt = this.#reader.position + maxBytes;
    this.#maxItems = isAll ? Infinity : MAX_ITEMS;
    this.#steps = isAll ? -Infinity : 0;
    this.#isDone = this.#work.next().done === true;
  }

  /** To be asked before each item, or part of a large one: whether the part has enough. Then its decoder yields. */
  hasEnough(): boolean {
    return this.isLong() || this.#reader.position >= this.#stopAt || this.#batch.count >= this.#maxItems;
  }

  /** The same before each field that is merely gone through. */
  isLong(): boolean {
    return ++this.#steps > MAX_STEPS;
  }

  /** The index of the scope, in the batch, that the item is of. Resources and scopes get into a batch with their first item: a body can hold millions of empty ones. */
  scopeIndex(): number {
    const { scopes, resources } = this.#batch;
    const resource = this.#resource;
    const scope = this.#scope;
    if (scope.index !== NOT_IN_BATCH) return scope.index;
    if (resource.index === NOT_IN_BATCH)
      resource.index = resources.push({ message: resource.message, schemaUrl: resource.schemaUrl }) - 1;
    const { message, schemaUrl } = scope;
    return (scope.index = scopes.push({ message, schemaUrl, resource: resource.index }) - 1);
  }

  noteMalformed(message: string): void {
    this.#malformed = true;
    this.note(message);
  }

  noteRejected(message: string): void {
    this.#rejectedCount++;
    this.note(message);
  }

  /** The first thing that was wrong is what the sender hears of. */
  note(message: string): void {
    if (this.#message === "") this.#message = message;
  }

  *#request(): DecodedInParts<void> {
    const reader = this.#reader;
    for (let tag = reader.next(); tag !== END; tag = reader.next()) {
      if (this.hasEnough()) yield;
      if (tag === RESOURCE_ITEMS) yield* this.#resourceItems();
      else if (!reader.skip(tag)) {
        this.noteMalformed("the request is not a protobuf message");
        return;
      }
    }
  }

  *#resourceItems(): DecodedInParts<void> {
    const reader = this.#reader;
    const outer = reader.limit;
    this.#resource = yield* this.#enter(this.#names.resource);
    const { limit } = reader;
    for (let tag = reader.next(); tag !== END; tag = reader.next()) {
      if (this.hasEnough()) yield;
      if (tag === SCOPE_ITEMS) yield* this.#scopeItems();
      else if (!reader.skip(tag)) {
        this.noteMalformed(`a ${this.#names.resource} message is not well formed`);
        break;
      }
    }
    reader.position = limit;
    reader.limit = outer;
  }

  *#scopeItems(): DecodedInParts<void> {
    const reader = this.#reader;
    const outer = reader.limit;
    this.#scope = yield* this.#enter(this.#names.scope);
    const { limit } = reader;
    for (;;) {
      if (this.hasEnough()) yield;
      const tag = reader.next();
      if (tag === END) break;
      if (tag === ITEM) {
        const end = reader.enter();
        if (end === MALFORMED) {
          this.#rejectedCount++;
          this.noteMalformed(`${this.#names.item} is longer than what it is in`);
          break;
        }
        reader.limit = end;
        const read = this.#decodeItem(reader, this);
        const fault = typeof read === "string" ? read : yield* read;
        reader.limit = limit;
        reader.position = end;
        if (fault !== "") this.noteRejected(fault);
      } else if (!reader.skip(tag)) {
        this.noteMalformed(`a ${this.#names.scope} message is not well formed`);
        break;
      }
    }
    reader.position = limit;
    reader.limit = outer;
  }

  /**
   * Goes into a nested message that ends where it says, or, if that is outside of its parent, where the parent ends:
   * what is whole of it is kept. Its resource or scope may come after the items, and is looked for first.
   */
  *#enter(name: string): DecodedInParts<OpenMessage> {
    const reader = this.#reader;
    let end = reader.enter();
    if (end === MALFORMED) {
      this.noteMalformed(`a ${name} message is longer than what it is in`);
      end = reader.limit;
    }
    reader.limit = end;
    const start = reader.position;
    const open: OpenMessage = { message: NO_BYTES, schemaUrl: NO_BYTES, index: NOT_IN_BATCH };
    for (let tag = reader.next(); tag !== END; tag = reader.next()) {
      if (this.isLong()) yield;
      if (tag !== RESOURCE_OR_SCOPE && tag !== SCHEMA_URL) {
        if (reader.skip(tag)) continue;
        break;
      }
      const fieldEnd = reader.enter();
      if (fieldEnd === MALFORMED) break;
      const range = { start: reader.position, end: fieldEnd };
      if (tag === SCHEMA_URL) open.schemaUrl = range;
      else if (fieldEnd - reader.position <= MAX_RESOURCE_BYTES) open.message = range;
      else this.note(RESOURCE_TOO_LONG);
      reader.position = fieldEnd;
    }
    reader.position = start;
    return open;
  }
}

/** Items are kept without a resource or scope that is too long. */
export const RESOURCE_TOO_LONG = `a resource or a scope is longer than ${MAX_RESOURCE_BYTES / 2 ** 20} MiB and was left out`;

/** A ResourceX or ScopeX message that is being read, up to the reader's limit. */
interface OpenMessage {
  /** The Resource or InstrumentationScope message. */
  message: ByteRange;
  schemaUrl: ByteRange;
  /** Of the resource or scope in the batch. */
  index: number;
}

const NOT_IN_BATCH = -1;

/** Items of a part: some ten milliseconds where each is a series of its own. */
const MAX_ITEMS = 1024;

/** Fields and messages that are gone through for a part: some milliseconds where they are empty. */
const MAX_STEPS = 1 << 15;

const RESOURCE_ITEMS = 0x0a;
const SCOPE_ITEMS = 0x12;
const ITEM = 0x12;
const RESOURCE_OR_SCOPE = 0x0a;
const SCHEMA_URL = 0x1a;
