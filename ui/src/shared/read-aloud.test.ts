import { expect, it } from "vitest";

import { sentencesOf } from "./read-aloud";

it("a text is read sentence by sentence, and marks alone are not read", () => {
  expect(sentencesOf("One floor. Two floors!\n\n———\n\n마루는 바닥이에요. 시원해요?")).toEqual([
    "One floor.",
    "Two floors!",
    "마루는 바닥이에요.",
    "시원해요?",
  ]);
});

it("nothing is nothing", () => {
  expect(sentencesOf(" \n ")).toEqual([]);
});
