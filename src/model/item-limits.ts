const MIB = 2 ** 20;

/**
 * What is read, masked and stored in one step is limited, so that no request holds up others. Far above what exporters
 * send; what is beyond is refused by itself, and its siblings are kept.
 */

/** Of a span, and of a log record. A long text costs some four milliseconds a MiB. */
export const MAX_ITEM_BYTES = 16 * MIB;

/** Attributes of a span or a log record, with all values that are nested in these, in events, links and bodies: some two microseconds each. */
export const MAX_ITEM_VALUES = 20_000;

/** Of a data point, with its exemplars. */
export const MAX_POINT_BYTES = MIB;

/** Of a resource, and of a scope. */
export const MAX_RESOURCE_BYTES = MIB;

/** Of all metadata of a metric. */
export const MAX_METADATA_BYTES = MIB;
