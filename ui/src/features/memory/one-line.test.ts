import { expect, it } from "vitest";

import { lengthOf, oneLine } from "./one-line";

it("what was said on several lines becomes one", () => {
  expect(oneLine("  My name is Mina.\r\n\n I live\tin\u2028Jeonju. ")).toBe(
    "My name is Mina. I live in Jeonju.",
  );
  expect(oneLine("\n \u0000 ")).toBe("");
});

it("a character of two UTF-16 units counts once", () => {
  expect(lengthOf("나는 🌲")).toBe(4);
});
