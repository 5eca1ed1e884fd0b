import { HUE_COUNT, SLOT_COUNT } from "../state/service-slots.ts";
import { contrastRatio, formatColor, parseColor, type Oklch } from "./oklch.ts";

/** The colours and the font that canvases draw with, all taken from VS Code's theme. */
export interface Theme {
  readonly highContrast: boolean;
  readonly background: string;
  readonly foreground: string;
  readonly dim: string;
  readonly line: string;
  readonly focus: string;
  readonly error: string;
  readonly warning: string;
  readonly selection: string;
  /** The editor's arrow at the line where a program stands. */
  readonly stackFrame: string;
  /** Drawn around bars in high contrast, where fills alone do not have to be seen. */
  readonly border: string | undefined;
  readonly fontFamily: string;
  readonly fontSizePx: number;
  /** One colour for each slot of ServiceSlots, and the text colour that is read on it. */
  readonly services: readonly { readonly fill: string; readonly text: string }[];
}

/** Hues far enough from the red of errors and the yellow of pauses. */
const HUE_VARIABLES = [
  "--vscode-charts-blue",
  "--vscode-charts-green",
  "--vscode-charts-purple",
  "--vscode-charts-orange",
  "--vscode-terminal-ansiCyan",
] as const;

/** Where a theme leaves a hue undefined. */
const FALLBACK_HUES: readonly number[] = [4.4, 2.5, 5.3, 1.0, 3.5];

/** Lightness of the darkest and the lightest slot: on each of the four backgrounds bars stand out and their text reads. */
const LIGHTNESS = {
  dark: [0.66, 0.84],
  light: [0.4, 0.54],
  "high-contrast": [0.72, 0.92],
  "high-contrast-light": [0.34, 0.54],
} as const;

type ThemeKind = keyof typeof LIGHTNESS;

/** Neighbouring slots, and the two slots of a hue, get lightnesses far apart: 0, 3, 6, 9, 2, 5, 8, 1, 4, 7. */
const LIGHTNESS_STRIDE = 3;

/** Reads the theme from VS Code's variables on the document. */
export function readTheme(body: HTMLElement): Theme {
  const style = getComputedStyle(body);
  const read = (...names: readonly string[]): string =>
    names.map((name) => style.getPropertyValue(name).trim()).find((value) => value !== "") ?? "";
  const kind = themeKind(body);
  const highContrast = kind.startsWith("high-contrast");
  const background = read("--vscode-panel-background", "--vscode-editor-background") || style.backgroundColor;
  const foreground = read("--vscode-foreground") || style.color;
  const border = read("--vscode-contrastBorder");
  return {
    highContrast,
    background,
    foreground,
    dim: read("--vscode-descriptionForeground") || foreground,
    line:
      read("--vscode-panel-border", "--vscode-editorWidget-border", "--vscode-contrastBorder") || foreground,
    focus: read("--vscode-focusBorder", "--vscode-contrastActiveBorder") || foreground,
    error: read("--vscode-editorError-foreground", "--vscode-errorForeground") || foreground,
    warning: read("--vscode-editorWarning-foreground", "--vscode-charts-yellow") || foreground,
    selection: read("--vscode-editor-selectionBackground", "--vscode-focusBorder") || foreground,
    stackFrame:
      read("--vscode-debugIcon-breakpointCurrentStackframeForeground", "--vscode-charts-yellow") ||
      foreground,
    border: highContrast && border !== "" ? border : undefined,
    fontFamily: read("--vscode-font-family") || style.fontFamily,
    fontSizePx: Number.parseFloat(read("--vscode-font-size")) || 13,
    services: servicePalette(
      kind,
      HUE_VARIABLES.map((name) => read(name)),
      parseColor(background),
      parseColor(foreground),
    ),
  };
}

/** The palette of services: the theme's hues, each slot with a lightness of its own. */
export function servicePalette(
  kind: ThemeKind,
  hues: readonly string[],
  background: Oklch | undefined,
  foreground: Oklch | undefined,
): readonly { readonly fill: string; readonly text: string }[] {
  const [darkest, lightest] = LIGHTNESS[kind];
  return Array.from({ length: SLOT_COUNT }, (_, slot) => {
    const at = slot % HUE_COUNT;
    const theme = parseColor(hues[at] ?? "");
    const rank = (slot * LIGHTNESS_STRIDE) % SLOT_COUNT;
    const fill: Oklch = {
      lightness: darkest + ((lightest - darkest) * rank) / (SLOT_COUNT - 1),
      // A grey "hue" of a theme would make services alike; a little colour keeps them apart.
      chroma: Math.min(Math.max(theme?.chroma ?? 0.12, 0.08), 0.16),
      hue: theme === undefined || theme.chroma < 0.02 ? (FALLBACK_HUES[at] ?? 0) : theme.hue,
    };
    return { fill: formatColor(fill), text: formatColor(moreReadable(fill, background, foreground)) };
  });
}

function moreReadable(fill: Oklch, background: Oklch | undefined, foreground: Oklch | undefined): Oklch {
  const black: Oklch = { lightness: 0, chroma: 0, hue: 0 };
  const white: Oklch = { lightness: 1, chroma: 0, hue: 0 };
  const own = [background, foreground].find((one) => one !== undefined && contrastRatio(fill, one) >= 4.5);
  return own ?? (contrastRatio(fill, black) > contrastRatio(fill, white) ? black : white);
}

function themeKind(body: HTMLElement): ThemeKind {
  const { classList } = body;
  if (classList.contains("vscode-high-contrast-light")) return "high-contrast-light";
  if (classList.contains("vscode-high-contrast")) return "high-contrast";
  return classList.contains("vscode-light") ? "light" : "dark";
}
