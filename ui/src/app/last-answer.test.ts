import { expect, it } from "vitest";

import { lastCodeIn } from "./last-answer";

it("the newest block of code is found, without its fence", () => {
  expect(lastCodeIn("```py\na\n```\n\nand\n\n```\nb\nc\n```\nend")).toBe("b\nc\n");
});

it("a text without code has none", () => {
  expect(lastCodeIn("`a` and ```b```")).toBe("");
});
