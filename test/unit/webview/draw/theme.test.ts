import { describe, expect, it } from "vitest";
import { contrastRatio, formatColor, parseColor } from "../../../../webview/draw/oklch.ts";
import { servicePalette } from "../../../../webview/draw/theme.ts";
import { SLOT_COUNT } from "../../../../webview/state/service-slots.ts";
import { THEMES } from "../../../webview/harness/themes.ts";

const HUES = ["charts-blue", "charts-green", "charts-purple", "charts-orange", "terminal-ansiCyan"];
const KINDS = {
  dark: "dark",
  light: "light",
  "hc-dark": "high-contrast",
  "hc-light": "high-contrast-light",
} as const;

describe("parseColor and formatColor", () => {
  it.each(["#000000", "#ffffff", "#3794ff", "#89d185", "#d18616", "#cca700"])("give %s back", (text) => {
    const color = parseColor(text);
    expect(color && formatColor(color)).toBe(text);
  });

  it("read rgb() and short forms", () => {
    expect(parseColor("rgb(255, 0, 0)")).toEqual(parseColor("#f00"));
    expect(parseColor("rgba(255 0 0 / 50%)")).toEqual(parseColor("#ff0000"));
  });

  it.each(["", "red", "url(evil)", "#12345", "var(--x)"])("do not read %j", (text) => {
    expect(parseColor(text)).toBeUndefined();
  });
});

describe.each(Object.keys(KINDS) as (keyof typeof KINDS)[])("servicePalette in the %s theme", (name) => {
  const { variables } = THEMES[name];
  const background = parseColor(variables["panel-background"] ?? "");
  const foreground = parseColor(variables["foreground"] ?? "");
  const palette = servicePalette(
    KINDS[name],
    HUES.map((hue) => variables[hue] ?? ""),
    background,
    foreground,
  );
  const fills = palette.map(({ fill }) => parseColor(fill));

  it("has a lightness of its own for every slot", () => {
    const lightness = fills.map((fill) => Math.round((fill?.lightness ?? 0) * 200)).sort((a, b) => a - b);
    expect(new Set(lightness).size).toBe(SLOT_COUNT);
  });

  it("stands out from the background, and its text is read", () => {
    for (const { fill, text } of palette) {
      const color = parseColor(fill);
      const onIt = parseColor(text);
      if (color === undefined || onIt === undefined || background === undefined) throw new Error("no colour");
      expect(contrastRatio(color, background)).toBeGreaterThan(3);
      expect(contrastRatio(color, onIt)).toBeGreaterThanOrEqual(4.5);
    }
  });

  it("goes without the theme's hues where they are missing", () => {
    const bare = servicePalette(KINDS[name], [], background, foreground);
    expect(new Set(bare.map(({ fill }) => fill)).size).toBe(SLOT_COUNT);
  });
});
