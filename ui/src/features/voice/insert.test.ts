import { expect, it } from "vitest";

import { spaced } from "./insert";

it.each([
  ["", "hello", "", "hello"],
  ["Note:", "hello", "end", " hello "],
  ["Note: ", "hello", " end", "hello"],
  ["그래", "안녕하세요", ".", " 안녕하세요"],
  ["a\n", "b", "\nc", "b"],
])("%j + %j + %j: words stand apart, and no space is doubled", (before, words, after, expected) => {
  expect(spaced(before, words, after)).toBe(expected);
});
