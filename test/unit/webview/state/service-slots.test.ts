import { describe, expect, it } from "vitest";
import { HUE_COUNT, ServiceSlots, SLOT_COUNT } from "../../../../webview/state/service-slots.ts";

const names = Array.from({ length: 40 }, (_, i) => `service-${i}`);

describe("ServiceSlots", () => {
  it("gives a service the same colour in every session", () => {
    expect(new ServiceSlots().slotOf("api")).toBe(new ServiceSlots().slotOf("api"));
  });

  it("gives the first services hues that nobody else has", () => {
    const slots = new ServiceSlots();
    const hues = names.slice(0, HUE_COUNT).map((name) => slots.slotOf(name) % HUE_COUNT);
    expect(new Set(hues).size).toBe(HUE_COUNT);
  });

  it("gives each service a colour of its own as long as there are any", () => {
    const slots = new ServiceSlots();
    expect(new Set(names.slice(0, SLOT_COUNT).map((name) => slots.slotOf(name))).size).toBe(SLOT_COUNT);
  });

  it("shares colours when there are more services than colours", () => {
    const slots = new ServiceSlots();
    for (const name of names) expect(slots.slotOf(name)).toBeLessThan(SLOT_COUNT);
  });

  it("keeps colours over a reload, whatever arrives first then", () => {
    const before = new ServiceSlots();
    for (const name of names.slice(0, 6)) before.slotOf(name);
    const after = new ServiceSlots(before.entries());
    for (const name of names.slice(0, 6).reverse()) expect(after.slotOf(name)).toBe(before.slotOf(name));
  });

  it("ignores saved colours that do not exist", () => {
    const slots = new ServiceSlots([
      ["api", 99],
      ["cart", -1],
      ["mail", 0.5],
    ]);
    expect(slots.entries()).toEqual([]);
  });
});
