import { expect, test } from "vitest";
import { Slices } from "../../../src/engine/slices.ts";

test("works go on by turns, a slice each, and other things are done between", async () => {
  const slices = new Slices();
  const done: string[] = [];
  const work = (name: string, count: number): Promise<void> => {
    let left = count;
    return slices.run(() => {
      done.push(name);
      return --left > 0;
    });
  };
  const other = (): void => {
    done.push("-");
    if (!done.includes("a done")) setImmediate(other);
  };
  const works = [work("a", 3).then(() => done.push("a done")), work("b", 2)];
  setImmediate(other);
  expect(done).toEqual([]);
  await Promise.all(works);
  expect(done.filter((name) => name !== "-").slice(0, 6)).toEqual(["a", "b", "a", "b", "a", "a done"]);
  expect(done.slice(0, 5)).toEqual(["a", "-", "b", "-", "a"]);
});

test("a work that throws ends, and the others go on", async () => {
  const slices = new Slices();
  const bad = slices.run(() => {
    throw new Error("no");
  });
  let count = 0;
  const good = slices.run(() => ++count < 3);
  await expect(bad).rejects.toThrow("no");
  await good;
  expect(count).toBe(3);
  await slices.run(() => false);
});
