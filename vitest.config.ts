import { defineConfig } from "vitest/config";

/**
 * Unit tests run in process, side by side; those of `process` start and kill engines and other processes; agent tests start real
 * programs and get the time that costs on a loaded machine.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          testTimeout: 15_000,
          // No test changes what another file sees, and a fresh world for each of a hundred files costs half a minute.
          isolate: false,
          maxWorkers: 2,
        },
      },
      { test: { name: "process", include: ["test/process/**/*.test.ts"], testTimeout: 60_000 } },
      {
        test: {
          name: "webview",
          include: ["test/webview/**/*.test.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      { test: { name: "package", include: ["test/package/**/*.test.ts"] } },
      {
        test: {
          name: "agent",
          include: ["test/agent/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
