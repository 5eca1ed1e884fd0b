/** A colour by perceived lightness (0 to 1), chroma and hue (radians): the OKLCH space of Björn Ottosson. */
export interface Oklch {
  readonly lightness: number;
  readonly chroma: number;
  readonly hue: number;
}

/** Linear light of red, green and blue, 0 to 1. */
type LinearRgb = readonly [number, number, number];

/** Reads `#rgb`, `#rrggbb`, with or without alpha, and `rgb()`; undefined for anything else. Alpha is left out. */
export function parseColor(text: string): Oklch | undefined {
  const rgb = parseHex(text.trim()) ?? parseRgb(text.trim());
  return rgb === undefined ? undefined : fromLinear(rgb);
}

/** As `#rrggbb`; a colour that no screen can show gives up chroma, never lightness. */
export function formatColor(color: Oklch): string {
  for (let chroma = color.chroma; chroma > 0.005; chroma *= 0.92) {
    const rgb = toLinear({ ...color, chroma });
    if (rgb.every((channel) => channel >= -0.0005 && channel <= 1.0005)) return formatLinear(rgb);
  }
  return formatLinear(toLinear({ ...color, chroma: 0 }));
}

/** The contrast ratio of two colours as WCAG defines it, from 1 to 21. */
export function contrastRatio(a: Oklch, b: Oklch): number {
  const [lighter, darker] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return ((lighter ?? 0) + 0.05) / ((darker ?? 0) + 0.05);
}

function luminance(color: Oklch): number {
  const [red, green, blue] = toLinear(color).map((channel) => Math.min(Math.max(channel, 0), 1));
  return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
}

function parseHex(text: string): LinearRgb | undefined {
  const digits = /^#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i.exec(text)?.[1];
  if (digits === undefined) return undefined;
  const width = digits.length <= 4 ? 1 : 2;
  const channel = (at: number): number => {
    const part = digits.slice(at * width, (at + 1) * width);
    return linearOf(parseInt(width === 1 ? part + part : part, 16) / 255);
  };
  return [channel(0), channel(1), channel(2)];
}

function parseRgb(text: string): LinearRgb | undefined {
  const match = /^rgba?\(\s*(\d+(?:\.\d+)?)[\s,]+(\d+(?:\.\d+)?)[\s,]+(\d+(?:\.\d+)?)/.exec(text);
  if (match === null) return undefined;
  const channel = (at: number): number => linearOf(Number(match[at]) / 255);
  return [channel(1), channel(2), channel(3)];
}

function linearOf(encoded: number): number {
  return encoded <= 0.04045 ? encoded / 12.92 : ((encoded + 0.055) / 1.055) ** 2.4;
}

function formatLinear(rgb: LinearRgb): string {
  const byte = (linear: number): string => {
    const clamped = Math.min(Math.max(linear, 0), 1);
    const encoded = clamped <= 0.0031308 ? clamped * 12.92 : 1.055 * clamped ** (1 / 2.4) - 0.055;
    return Math.round(encoded * 255)
      .toString(16)
      .padStart(2, "0");
  };
  return `#${byte(rgb[0])}${byte(rgb[1])}${byte(rgb[2])}`;
}

function fromLinear([red, green, blue]: LinearRgb): Oklch {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const b = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  return {
    lightness: 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    chroma: Math.hypot(a, b),
    hue: Math.atan2(b, a),
  };
}

function toLinear({ lightness, chroma, hue }: Oklch): LinearRgb {
  const a = chroma * Math.cos(hue);
  const b = chroma * Math.sin(hue);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}
