import { expect, test } from "vitest";
import { disposable, DisposableList } from "../../../src/base/dispose.ts";

test("a disposable releases once", () => {
  let releases = 0;
  const one = disposable(() => releases++);
  one.dispose();
  one.dispose();
  expect(releases).toBe(1);
});

test("a list disposes the newest first, and once", () => {
  const released: string[] = [];
  const list = new DisposableList();
  for (const name of ["a", "b", "c"]) list.add(disposable(() => released.push(name)));
  list.dispose();
  list.dispose();
  expect(released).toEqual(["c", "b", "a"]);
  expect(list.disposed).toBe(true);
});

test("what is added to a disposed list is disposed at once", () => {
  const list = new DisposableList();
  list.dispose();
  let released = false;
  list.add(disposable(() => (released = true)));
  expect(released).toBe(true);
});
