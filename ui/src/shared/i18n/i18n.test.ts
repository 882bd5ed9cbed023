import { expect, it } from "vitest";

import type { Key } from "./en";
import { en } from "./en";
import { preferred } from "./i18n";
import { ko } from "./ko";

const KEYS = Object.keys(en) as Key[];
const placesIn = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").toSorted();

it.each(KEYS)("%s has the same places in both languages", (key) => {
  expect(placesIn(ko[key])).toEqual(placesIn(en[key]));
});

it("Korean has no words of its own that nobody uses, and none that were left in English", () => {
  expect(Object.keys(ko).toSorted()).toEqual(KEYS.toSorted());
  expect(KEYS.filter((key) => !/[가-힣]/.test(ko[key]))).toEqual([]);
});

it("the first language that the page speaks is chosen", () => {
  expect(preferred(["fr-FR", "ko-KR", "en-US"])).toBe("ko");
  expect(preferred(["fr"])).toBe("en");
});
