import { expect, it } from "vitest";

import { AT_THE_END, pulledUp, scrolled, sentToEnd, spacerHeight, TOP_GAP_PX } from "./follow";

const reading = { isPinned: false, last: { top: 500, rest: 500 } };

it("moving up releases", () => {
  expect(scrolled({ isPinned: true, last: { top: 900, rest: 0 } }, { top: 850, rest: 50 }).isPinned).toBe(
    false,
  );
});

it("content that shrinks at the end is no move of the reader", () => {
  expect(scrolled({ isPinned: true, last: { top: 900, rest: 0 } }, { top: 700, rest: 0 }).isPinned).toBe(
    true,
  );
});

it("reaching the end follows again", () => {
  expect(scrolled(reading, { top: 980, rest: 20 }).isPinned).toBe(true);
});

it("a pull that has not moved the page yet is not undone by standing near the end", () => {
  expect(scrolled(pulledUp(AT_THE_END), { top: 0, rest: 0 }).isPinned).toBe(false);
});

it("a smooth way down is no release", () => {
  expect(scrolled(sentToEnd(reading), { top: 700, rest: 300 }).isPinned).toBe(true);
});

it("empty room fills the screen below a new question, and goes as its answer grows", () => {
  expect(spacerHeight(600, 120)).toBe(600 - TOP_GAP_PX - 120);
  expect(spacerHeight(600, 320)).toBe(600 - TOP_GAP_PX - 320);
  expect(spacerHeight(600, 900)).toBe(0);
});
