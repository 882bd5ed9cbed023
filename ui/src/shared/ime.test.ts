/**
 * Sequences written by hand, for the systems that nobody here has: Windows and macOS. They follow public descriptions:
 *
 * - Safari's order, and keyCode 229 as the only sign: WebKit bug 165004; reproduced in Safari 26.3 by
 *   github.com/mdn/browser-compat-data/pull/30009, measured in github.com/ProseMirror/prosemirror-view/pull/44 and
 *   github.com/threema-ch/threema-web/pull/879.
 * - Safari's order from then on, as Chrome's: WebKit bug 311717, github.com/WebKit/WebKit/pull/64874.
 * - Chrome on macOS, which reports the press twice: github.com/Chainlit/chainlit/issues/2598,
 *   github.com/vercel/chatbot/issues/884.
 * - A WebKit that says before compositionend that it does not compose: github.com/sstraus/tuicommander/pull/113.
 *
 * What was recorded is replayed by ime-recordings.test.ts.
 */
import { describe, expect, it } from "vitest";

import type { EnterKey } from "./ime";
import { ImeEnter, isForIme } from "./ime";

/** One event of the browser, in the order and with the values that it has there; `at` is in ms. */
type Event =
  | { readonly type: "update" | "end"; readonly data: string; readonly at: number }
  | { readonly type: "enter"; readonly keyCode: number; readonly isComposing: boolean; readonly at: number };

const update = (data: string, at: number): Event => ({ type: "update", data, at });
const end = (data: string, at: number): Event => ({ type: "end", data, at });
/** Enter while the input method composes. */
const composing = (at: number): Event => ({ type: "enter", keyCode: 229, isComposing: true, at });
/** Safari: the commit is over by then, and still the key belongs to the input method. */
const afterCommit = (at: number): Event => ({ type: "enter", keyCode: 229, isComposing: false, at });
const plain = (at: number): Event => ({ type: "enter", keyCode: 13, isComposing: false, at });

/** How often the box would send, and how often Enter would begin a line of its own accord. */
function replay(events: readonly Event[]): { sent: number; left: number } {
  const ime = new ImeEnter();
  let sent = 0;
  let left = 0;
  for (const event of events) {
    if (event.type === "update") ime.compositionUpdated(event.data);
    if (event.type === "end" && ime.compositionEnded(event.data, event.at)) sent += 1;
    if (event.type === "enter") {
      const meaning = ime.enterPressed(event, event.at);
      if (meaning === "send") sent += 1;
      if (meaning === "ignore") left += 1;
    }
  }
  return { sent, left };
}

describe("Korean: one press commits the syllable and sends, once", () => {
  it.each([
    [
      "Chrome on Windows",
      [update("ㄴ", 0), update("녀", 90), update("녕", 180), composing(400), end("녕", 401)],
    ],
    [
      "Chrome on macOS, which reports the press twice",
      [update("녀", 90), update("녕", 180), composing(400), end("녕", 401), plain(403)],
    ],
    ["Firefox on Windows", [update("녕", 180), composing(400), end("녕", 402)]],
    ["Firefox on Linux, where ibus commits first", [update("녕", 180), end("녕", 400), plain(401)]],
    ["Safari on macOS", [update("녕", 180), end("녕", 400), afterCommit(402)]],
    ["Safari with the corrected order", [update("녕", 180), composing(400), end("녕", 402)]],
    ["a WebKit that claims too early not to compose", [update("녕", 180), afterCommit(400), end("녕", 402)]],
    ["Safari, a syllable that is only a letter", [update("ㅋ", 180), end("ㅋ", 400), afterCommit(402)]],
    [
      "a syllable in the middle that was finished by the next one",
      [end("안", 100), update("녕", 180), composing(400), end("녕", 401)],
    ],
  ] satisfies [string, Event[]][])("%s", (_, events) => {
    expect(replay(events).sent).toBe(1);
  });

  it("a second message soon after the first is sent too", () => {
    const first = [update("녕", 180), composing(400), end("녕", 401)];
    expect(replay([...first, update("응", 900), composing(1_000), end("응", 1_001)]).sent).toBe(2);
    expect(replay([...first, plain(900)]).sent).toBe(2);
  });

  it("a syllable that ends by a space or a click sends nothing", () => {
    expect(replay([update("녕", 0), end("녕", 11)]).sent).toBe(0);
  });
});

describe("Japanese and Chinese: Enter in the candidate window chooses, and the next one sends", () => {
  it.each([
    ["Chrome, Japanese", [update("にほん", 0), update("日本", 200), composing(400), end("日本", 401)]],
    ["Firefox, Japanese", [update("日本", 200), composing(400), end("日本", 402)]],
    ["Safari, Japanese", [update("日本", 200), end("日本", 400), afterCommit(402)]],
    [
      "a WebKit that claims too early not to compose",
      [update("日本", 200), afterCommit(400), end("日本", 402)],
    ],
    ["Safari, kana that stay kana", [update("にほん", 200), end("にほん", 400), afterCommit(402)]],
    [
      "Chrome, Pinyin letters that are taken as they are",
      [update("ni hao", 200), composing(400), end("nihao", 401)],
    ],
    ["Safari, Pinyin", [update("ni hao", 200), end("你好", 400), afterCommit(402)]],
    ["Chrome, Hanja chosen for a Korean word", [update("漢字", 200), composing(400), end("漢字", 401)]],
  ] satisfies [string, Event[]][])("%s", (_, events) => {
    expect(replay(events)).toEqual({ sent: 0, left: 1 });
    expect(replay([...events, plain(900)]).sent).toBe(1);
  });
});

it("without a composition Enter sends", () => {
  expect(replay([plain(10)]).sent).toBe(1);
});

it.each([
  [composing(0), true],
  [afterCommit(0), true],
  [plain(0), false],
])("%j is for the input method: %s", (key, isIt) => {
  expect(isForIme(key as EnterKey)).toBe(isIt);
});
