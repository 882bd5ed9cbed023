import { expect, it } from "vitest";

import { ImeEnter } from "./ime";

const composing = { keyCode: 229, isComposing: true };
const plain = { keyCode: 13, isComposing: false };
const safari = { keyCode: 229, isComposing: false };

it("Chrome: Enter in a Hangul syllable commits it and sends", () => {
  const ime = new ImeEnter();
  ime.compositionUpdated("녕");
  expect(ime.enterPressed(composing, 10)).toBe("wait");
  expect(ime.compositionEnded("녕", 11)).toBe(true);
});

it("Chrome: Enter in a candidate window only chooses", () => {
  const ime = new ImeEnter();
  ime.compositionUpdated("日本");
  expect(ime.enterPressed(composing, 10)).toBe("ignore");
  expect(ime.compositionEnded("日本", 11)).toBe(false);
});

it("a syllable that ends by a space or a click sends nothing", () => {
  const ime = new ImeEnter();
  ime.compositionUpdated("녕");
  expect(ime.compositionEnded("녕", 11)).toBe(false);
});

it("Safari: the commit comes first, then one key that claims not to compose", () => {
  const ime = new ImeEnter();
  ime.compositionUpdated("녕");
  expect(ime.compositionEnded("녕", 10)).toBe(false);
  expect(ime.enterPressed(safari, 12)).toBe("send");
});

it("Safari: choosing kana sends nothing", () => {
  const ime = new ImeEnter();
  expect(ime.compositionEnded("にほん", 10)).toBe(false);
  expect(ime.enterPressed(safari, 12)).toBe("ignore");
});

it("without a composition Enter sends", () => {
  expect(new ImeEnter().enterPressed(plain, 10)).toBe("send");
});
