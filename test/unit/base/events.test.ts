import { expect, test } from "vitest";
import { Emitter } from "../../../src/base/events.ts";

test("listeners hear until they leave", () => {
  const emitter = new Emitter<number>();
  const heard: string[] = [];
  const first = emitter.listen((value) => heard.push(`first ${value}`));
  emitter.listen((value) => heard.push(`second ${value}`));
  emitter.emit(1);
  first.dispose();
  emitter.emit(2);
  expect(heard).toEqual(["first 1", "second 1", "second 2"]);
});

test("the same function may listen twice and leave once", () => {
  const emitter = new Emitter<void>();
  let heard = 0;
  const listener = (): void => {
    heard++;
  };
  const first = emitter.listen(listener);
  emitter.listen(listener);
  first.dispose();
  emitter.emit();
  expect(heard).toBe(1);
});

test("a listener that throws is reported and does not keep the others from hearing", () => {
  const thrown: unknown[] = [];
  const emitter = new Emitter<number>((error) => thrown.push(error));
  const heard: number[] = [];
  emitter.listen(() => {
    throw new Error("deaf");
  });
  emitter.listen((value) => heard.push(value));
  emitter.emit(1);
  expect(heard).toEqual([1]);
  expect(thrown).toEqual([new Error("deaf")]);
});

test("who comes or leaves during an event does not change who hears it", () => {
  const emitter = new Emitter<void>();
  const heard: string[] = [];
  emitter.listen(() => {
    heard.push("first");
    second.dispose();
    emitter.listen(() => heard.push("late"));
  });
  const second = emitter.listen(() => heard.push("second"));
  emitter.emit();
  expect(heard).toEqual(["first", "second"]);
});

test("nobody hears a disposed emitter", () => {
  const emitter = new Emitter<void>();
  let heard = 0;
  emitter.listen(() => heard++);
  emitter.dispose();
  emitter.emit();
  expect(heard).toBe(0);
});
