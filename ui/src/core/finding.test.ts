import { expect, it } from "vitest";

import { hasAll, marksIn, partsOf, wordsOf } from "./finding";

const marked = (text: string, query: string): string =>
  partsOf(text, wordsOf(query))
    .map((part) => (part.match ? `[${part.text}]` : part.text))
    .join("");

it("words are found in longer ones, in small and capital letters, however Hangul was typed", () => {
  expect(marked("점심에 칼국수를", "국수 점심")).toBe("[점심]에 칼[국수]를");
  expect(marked("The MARU", "maru")).toBe("The [MARU]");
  expect(marked("대청마루".normalize("NFD"), "마루")).toBe("대청[마루]");
  expect(hasAll("one two", wordsOf("TWO one"))).toBe(true);
  expect(hasAll("one two", wordsOf("two three"))).toBe(false);
});

it("words that touch or overlap are one mark", () => {
  expect(marked("banana", "ban nana")).toBe("[banana]");
});

it("nothing is marked where places cannot be told, and nothing is looked for in spaces", () => {
  expect(marksIn("İstanbul", ["stan"])).toEqual([]);
  expect(wordsOf(" \n\u3000")).toEqual([]);
  expect(marked("as it is", "")).toBe("as it is");
});
