import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, test } from "vitest";
import { runOtlp } from "../conformance/otlp.ts";

const OTLP = fileURLToPath(new URL("../../../shared/conformance/otlp", import.meta.url));

describe.skipIf(!existsSync(OTLP))("OTLP's examples (skipped without ../shared/conformance)", () => {
  const cases = existsSync(OTLP) ? runOtlp(OTLP) : [];
  test.each(cases.map(({ title, check }) => [title, check] as const))("%s", (_title, check) => check());
});
