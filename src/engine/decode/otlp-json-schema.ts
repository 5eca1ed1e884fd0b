/**
 * How a field of OTLP's JSON is written as protobuf (specification.md, "JSON Protobuf Encoding"). Those with a `fault`
 * spoil the message they are in when they are of a wrong type; the others are then left out.
 */
type FieldKind = Scalar | Composite;

type Scalar =
  | { readonly is: "text" | "flag"; readonly fault?: undefined }
  /** 32 bits, as a varint or fixed. */
  | { readonly is: "count" | "fixed32"; readonly fault?: undefined }
  /** Enums are integers in OTLP's JSON; some senders write protobuf's names, which say as much. */
  | {
      readonly is: "enum";
      readonly names: readonly string[];
      readonly prefix: string;
      readonly fault?: undefined;
    }
  /** Bytes in hexadecimal: none, or so many. Without a `fault`, what is something else is left out. */
  | { readonly is: "id"; readonly bytes?: number; readonly fault?: string | undefined }
  | { readonly is: "fixed64" | "signed fixed64" | "zigzag" | "double"; readonly fault: string }
  /** Lists of numbers. */
  | { readonly is: "fixed64s" | "varints" | "doubles"; readonly fault: string }
  | {
      readonly is: "string value" | "bool value" | "int value" | "double value" | "bytes value";
      readonly fault: string;
    };

type Composite =
  | { readonly is: "texts" }
  /** A message; `envelope` ones lead to items. */
  | { readonly is: "message" | "envelope"; readonly schema: () => Schema }
  /** The value of an attribute; `nested` ones are levels of such a value. */
  | { readonly is: "value" | "nested"; readonly schema: () => Schema; readonly fault: string }
  /** A list of messages, and what becomes of a bad one: it spoils what it is in, is left out, or is an item and counted. */
  | { readonly is: "messages"; readonly schema: () => Schema; readonly bad: "spoils" | "leave out" | "count" }
  /** A list that leads to items: of another form, it makes the request malformed. */
  | { readonly is: "envelopes"; readonly schema: () => Schema };

interface FieldBase {
  /** Number × 8 + wire type. */
  readonly tag: number;
  /** In UTF-8, for comparing it with the text. */
  readonly name: Uint8Array;
  /** The name in quotes, and a colon. */
  readonly token: DataView;
  /** The field that followed this one last: an exporter writes all its objects in the same order. */
  next: Field | undefined;
}

export type ScalarField = Scalar & FieldBase;
type CompositeField = Composite & FieldBase;
export type Field = ScalarField | CompositeField;

/** A field as the tables below declare it. */
export type FieldSpec = FieldKind & { readonly tag: number };

export interface Schema {
  /** The fields by the length of their names. */
  readonly byLength: readonly (readonly Field[] | undefined)[];
  /** The field that came first last. */
  next: Field | undefined;
}

/** A request, and what its items are called in replies. */
export interface RequestSchema {
  readonly fields: Schema;
  /** With its article. */
  readonly item: string;
  readonly wrongShape: string;
}

export function schemaOf(fields: Readonly<Record<string, FieldSpec>>): Schema {
  const byLength: Field[][] = [];
  for (const [name, spec] of Object.entries(fields)) (byLength[name.length] ??= []).push(fieldOf(name, spec));
  return { byLength: Array.from(byLength), next: undefined };
}

/** Fields of all kinds have all properties in the same order: what reads them is compiled for one form of object then. */
function fieldOf(name: string, spec: FieldSpec): Field {
  const field = {
    is: spec.is,
    tag: spec.tag,
    name: new TextEncoder().encode(name),
    token: new DataView(new TextEncoder().encode(`"${name}":`).buffer),
    next: undefined,
    schema: "schema" in spec ? spec.schema : undefined,
    bad: "bad" in spec ? spec.bad : undefined,
    bytes: "bytes" in spec ? spec.bytes : undefined,
    fault: "fault" in spec ? spec.fault : undefined,
    names: "names" in spec ? spec.names : undefined,
    prefix: "prefix" in spec ? spec.prefix : undefined,
  };
  return field as Field;
}

export const text = (tag: number) => ({ is: "text", tag }) as const;
export const count = (tag: number) => ({ is: "count", tag }) as const;
/** An id of its item, called so in replies. */
export const id = (tag: number, bytes: number, name: string) =>
  ({ is: "id", tag, bytes, fault: `${name} is not ${bytes * 2} hexadecimal digits` }) as const;
export const message = (tag: number, schema: () => Schema) => ({ is: "message", tag, schema }) as const;
export const envelopes = (tag: number, schema: () => Schema) => ({ is: "envelopes", tag, schema }) as const;
/** A list whose bad messages spoil what they are in. */
export const parts = (tag: number, schema: () => Schema) =>
  ({ is: "messages", tag, schema, bad: "spoils" }) as const;
/** The list of what a request carries. */
export const items = (tag: number, schema: () => Schema) =>
  ({ is: "messages", tag, schema, bad: "count" }) as const;
export const attributes = (tag: number, bad: "spoils" | "leave out" = "spoils") =>
  ({ is: "messages", tag, schema: () => KEY_VALUE, bad }) as const;

const fault = "a value is not one that OTLP knows, or is nested too deeply";
export const anyValue = (tag: number) => ({ is: "value", tag, fault, schema: () => ANY_VALUE }) as const;

export const ANY_VALUE: Schema = schemaOf({
  stringValue: { is: "string value", tag: 0x0a, fault },
  boolValue: { is: "bool value", tag: 0x10, fault },
  intValue: { is: "int value", tag: 0x18, fault },
  doubleValue: { is: "double value", tag: 0x21, fault },
  arrayValue: { is: "nested", tag: 0x2a, fault, schema: () => ARRAY_VALUE },
  kvlistValue: { is: "nested", tag: 0x32, fault, schema: () => KEY_VALUE_LIST },
  bytesValue: { is: "bytes value", tag: 0x3a, fault },
});
const ARRAY_VALUE = schemaOf({ values: parts(0x0a, () => ANY_VALUE) });
export const KEY_VALUE: Schema = schemaOf({
  key: text(0x0a),
  value: anyValue(0x12),
});
const KEY_VALUE_LIST = schemaOf({ values: attributes(0x0a) });

const ENTITY = schemaOf({
  schemaUrl: text(0x0a),
  type: text(0x12),
  idKeys: { is: "texts", tag: 0x1a },
  descriptionKeys: { is: "texts", tag: 0x22 },
});
const RESOURCE = schemaOf({
  attributes: attributes(0x0a, "leave out"),
  droppedAttributesCount: count(0x10),
  entityRefs: { is: "messages", tag: 0x1a, schema: () => ENTITY, bad: "leave out" },
});
const SCOPE = schemaOf({
  name: text(0x0a),
  version: text(0x12),
  attributes: attributes(0x1a, "leave out"),
  droppedAttributesCount: count(0x20),
});

/** Requests of all signals nest alike: resource, scope, and field 2 of the scope's message. */
export function requestOf(
  names: { readonly resources: string; readonly scopes: string; readonly members: string },
  item: string,
  members: FieldSpec,
): RequestSchema {
  const scopeMessage = schemaOf({
    scope: message(0x0a, () => SCOPE),
    [names.members]: members,
    schemaUrl: text(0x1a),
  });
  const resourceMessage = schemaOf({
    resource: message(0x0a, () => RESOURCE),
    [names.scopes]: envelopes(0x12, () => scopeMessage),
    schemaUrl: text(0x1a),
  });
  return {
    fields: schemaOf({ [names.resources]: envelopes(0x0a, () => resourceMessage) }),
    item,
    wrongShape: `${names.resources}, ${names.scopes} and what leads to ${item} have to be arrays of objects`,
  };
}

export function isScalar(field: Field): field is ScalarField {
  switch (field.is) {
    case "message":
    case "envelope":
    case "value":
    case "nested":
    case "texts":
    case "messages":
    case "envelopes":
      return false;
    default:
      return true;
  }
}
