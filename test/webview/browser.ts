import { chromium, type Browser } from "playwright-core";
import { chromiumArguments, installChromium } from "../../scripts/vscode/chromium.mjs";

/** The machine's Chromium, which is installed first where that is possible. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await installChromium(), args: chromiumArguments });
}
