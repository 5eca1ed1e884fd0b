import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { logPlace } from "../../../../src/host/engine/log-place.ts";

const uri = (fsPath: string) => ({ fsPath }) as never;
const storage = resolve("storage", "8f3a", "spanlight.spanlight");
const context = { storageUri: uri(storage), globalStorageUri: uri(resolve("global")) };
const settings = { enabled: true, maxMegabytes: 2, maxDays: 3, secondFolder: "" };

test("the session log lies in the workspace's storage, in a window without one in the extension's", () => {
  const limits = { maxBytes: 2 * 1024 * 1024, maxAgeDays: 3 };
  expect(logPlace(context, settings)).toEqual({ folders: [join(storage, "log")], ...limits });
  const noWorkspace = { ...context, storageUri: undefined };
  expect(logPlace(noWorkspace, settings)?.folders).toEqual([join(resolve("global"), "log")]);
});

test("workspaces that share a second folder have one each in it", () => {
  const second = resolve("share");
  expect(logPlace(context, { ...settings, secondFolder: second })?.folders).toEqual([
    join(storage, "log"),
    join(second, "spanlight-8f3a"),
  ]);
  expect(logPlace(context, { ...settings, secondFolder: "relative" })?.folders).toHaveLength(1);
});

test("switched off there is none", () => {
  expect(logPlace(context, { ...settings, enabled: false })).toBeUndefined();
});
