import { expect, it } from "vitest";

import { GrowingBlocks, splitBlocks } from "./blocks";
import { hasMath } from "./math";

it("finished blocks stay the same while the last one grows", () => {
  const before = splitBlocks("# One\n\nTwo\n\n- a\n- b\n\n```py\nx = 1");
  const after = splitBlocks("# One\n\nTwo\n\n- a\n- b\n\n```py\nx = 1\ny = 2\n");
  expect(after.slice(0, 3)).toEqual(before.slice(0, 3));
  expect(after).toHaveLength(4);
});

it("maths with an empty line inside stays in one piece", () => {
  expect(splitBlocks("before\n\n$$\na\n\nb\n$$\n\nafter")).toHaveLength(3);
});

it("dollars in code open no maths", () => {
  expect(splitBlocks("`$$` is a sign\n\nnext")).toHaveLength(2);
  expect(splitBlocks("```\n$$\n```\n\nnext")).toHaveLength(2);
});

it("prices are no maths", () => {
  expect(hasMath("it costs $5 or $10")).toBe(false);
});

it("the delimiters that models write become dollars, outside code", () => {
  expect(splitBlocks("so \\(x^2\\) holds")).toEqual(["so $$x^2$$ holds"]);
  expect(splitBlocks("`\\(x\\)`")).toEqual(["`\\(x\\)`"]);
  expect(splitBlocks("```\n\\[x\\]\n```")[0]).toContain("\\[x\\]");
});

it("a link definition at the end reaches the blocks that use it", () => {
  expect(splitBlocks("see [it][1]\n\nplain\n\n[1]: https://example.org")).toEqual([
    "see [it][1]\n\n[1]: https://example.org",
    "plain",
  ]);
});

it.each([
  "# One\n\nTwo\nthree\n\n- a\n\n- b\n\n  c\n\nFour\n===\n\n```py\nx = 1\n\ny = 2\n```\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\nend",
  "so \\[x\n\ny\\] and $$a\n\nb$$ end\n\n> quote\nlazy\n\n1. one\n2. two\n\n   more\n\n***\n\nlast",
  "see [it][1]\n\nplain\n\n[1]: https://example.org\n\nmore [it][1] and\n\nend",
])("a message that grows by one character is cut as one that came at once: %#", (text) => {
  const growing = new GrowingBlocks();
  for (let end = 1; end <= text.length; end += 1) {
    expect(growing.split(text.slice(0, end))).toEqual(splitBlocks(text.slice(0, end)));
  }
});
