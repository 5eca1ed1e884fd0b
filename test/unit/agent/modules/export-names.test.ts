import { expect, test } from "vitest";

import { exportNames } from "../../../../src/agent/modules/export-names.ts";

test.each([
  ["export function a() {}", ["a"]],
  ["export async function a() {}\nexport function* b() {}", ["a", "b"]],
  ["export const a = () => 1;", ["a"]],
  ["export let a = 1;", []],
  ["export class A {}\nexport abstract class B {}", ["A", "B"]],
  ["export { a, b as c, d as default };", ["a", "c", "default"]],
  ["export { type T, a };", ["a"]],
  ["export default () => 1;", ["default"]],
  ["export interface T {}\nexport type U = 1;", []],
  ["export * from './x.js';", []],
  ["const a = 1;", []],
])("%j exports %j", (source, names) => {
  expect(exportNames(source)).toEqual(names);
});
