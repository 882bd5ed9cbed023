import { expect, it } from "vitest";

import { partsOf } from "@/core/items";

import { sourcesOf } from "./sources";
import { speedOf } from "./speed";

const usage = { input_tokens: 3, output_tokens: 11, total_tokens: 14 };

it("speed is counted from the first token to the last", () => {
  expect(speedOf({ usage, timing: { first_token_ms: 500, thinking_ms: 0, total_ms: 2500 } })).toBe(5);
});

it("one token, or no time, is no speed", () => {
  const timing = { first_token_ms: 500, thinking_ms: 0, total_ms: 2500 };
  expect(speedOf({ usage: { ...usage, output_tokens: 1 }, timing })).toBeNull();
  expect(speedOf({ usage, timing: { ...timing, first_token_ms: null } })).toBeNull();
  expect(speedOf({ usage, timing: null })).toBeNull();
});

const cited = (url: string, title?: string) => ({ type: "url_citation", url, ...(title ? { title } : {}) });

it("each source is named once, and only pages are", () => {
  const parts = partsOf({
    id: "msg_1",
    type: "message",
    content: [
      {
        type: "output_text",
        text: "words",
        annotations: [
          cited("https://a.example/1", "One"),
          cited("https://a.example/1", "again"),
          cited("javascript:alert(1)"),
          cited("mailto:a@b.example"),
          { type: "file_citation" },
          cited("https://b.example/"),
        ],
      },
    ],
  });
  expect(sourcesOf([{ parts }])).toEqual([
    { url: "https://a.example/1", title: "One" },
    { url: "https://b.example/", title: "" },
  ]);
});
