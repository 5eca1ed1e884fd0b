// @ts-check
// `npm run package`: makes dist/spanlight.vsix.
import { statSync } from "node:fs";
import { makeVsix, vsixFile } from "./vsix.mjs";

try {
  await makeVsix();
  console.log(`${vsixFile}: ${(statSync(vsixFile).size / 1e6).toFixed(2)} MB`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
