import {
  COUNT,
  DOUBLE,
  HAS_MAX,
  HAS_MIN,
  HAS_SUM,
  INTEGER,
  MAX,
  MIN,
  SCALE,
  SUM_OF_VALUES,
  VALUE,
  ZERO_COUNT,
  ZERO_THRESHOLD,
} from "../../model/metric-points.ts";

/** What becomes of a field of a data point. */
export const ACTIONS = {
  attribute: 0,
  exemplar: 1,
  time: 2,
  start: 3,
  flags: 4,
  /** A number's value, of which the last one counts. */
  value: 5,
  scalar: 6,
  zigzag: 7,
  first: 8,
  second: 9,
  positive: 10,
  negative: 11,
  quantile: 12,
} as const;

export interface PointField {
  readonly action: (typeof ACTIONS)[keyof typeof ACTIONS];
  /** The scalar's place among the point's words. */
  readonly word: number;
  /** A number's form, or the bits that say that a scalar is there. */
  readonly form: number;
}

function field(action: PointField["action"], word = 0, form = 0): PointField {
  return { action, word, form };
}

const START = field(ACTIONS.start);
const TIME = field(ACTIONS.time);
const FLAGS = field(ACTIONS.flags);
const ATTRIBUTE = field(ACTIONS.attribute);
const EXEMPLAR = field(ACTIONS.exemplar);
const POINT_COUNT = field(ACTIONS.scalar, COUNT);
const OPTIONAL_SUM = field(ACTIONS.scalar, SUM_OF_VALUES, HAS_SUM);
const OPTIONAL_MIN = field(ACTIONS.scalar, MIN, HAS_MIN);
const OPTIONAL_MAX = field(ACTIONS.scalar, MAX, HAS_MAX);

type Table = readonly (PointField | undefined)[];

/** All points have their start in field 2 and their time in field 3. */
function table(fields: Readonly<Record<number, PointField>>): Table {
  const byTag: (PointField | undefined)[] = Array.from({ length: 128 }, () => undefined);
  for (const [tag, one] of Object.entries({ ...fields, 0x11: START, 0x19: TIME })) byTag[Number(tag)] = one;
  return byTag;
}

const NUMBER = table({
  0x21: field(ACTIONS.value, VALUE, DOUBLE),
  0x2a: EXEMPLAR,
  0x31: field(ACTIONS.value, VALUE, INTEGER),
  0x3a: ATTRIBUTE,
  0x40: FLAGS,
});

/** Lists come packed, as one field of bytes, or as a field for each element; readers take both. */
const HISTOGRAM = table({
  0x21: POINT_COUNT,
  0x29: OPTIONAL_SUM,
  0x31: field(ACTIONS.first),
  0x32: field(ACTIONS.first),
  0x39: field(ACTIONS.second),
  0x3a: field(ACTIONS.second),
  0x42: EXEMPLAR,
  0x4a: ATTRIBUTE,
  0x50: FLAGS,
  0x59: OPTIONAL_MIN,
  0x61: OPTIONAL_MAX,
});

const EXPONENTIAL_HISTOGRAM = table({
  0x0a: ATTRIBUTE,
  0x21: POINT_COUNT,
  0x29: OPTIONAL_SUM,
  0x30: field(ACTIONS.zigzag, SCALE),
  0x39: field(ACTIONS.scalar, ZERO_COUNT),
  0x42: field(ACTIONS.positive),
  0x4a: field(ACTIONS.negative),
  0x50: FLAGS,
  0x5a: EXEMPLAR,
  0x61: OPTIONAL_MIN,
  0x69: OPTIONAL_MAX,
  0x71: field(ACTIONS.scalar, ZERO_THRESHOLD),
});

const SUMMARY = table({
  0x21: POINT_COUNT,
  0x29: field(ACTIONS.scalar, SUM_OF_VALUES),
  0x32: field(ACTIONS.quantile),
  0x3a: ATTRIBUTE,
  0x40: FLAGS,
});

/** The known fields of data points by the number of the metric's kind and the field's tag. */
export const POINT_FIELDS: readonly Table[] = [NUMBER, NUMBER, HISTOGRAM, EXPONENTIAL_HISTOGRAM, SUMMARY];
