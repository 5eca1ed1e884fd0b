const FORM = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/;

/** Nanoseconds since the epoch of a moment as RFC 3339 writes it, with up to nine digits after the second. Undefined for anything else. */
export function parseRfc3339(text: string): bigint | undefined {
  const [, date, time, fraction = "", zone] = FORM.exec(text) ?? [];
  if (date === undefined || time === undefined || zone === undefined) return undefined;
  const seconds = Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  if (Number.isNaN(seconds)) return undefined;
  return BigInt(seconds) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}
