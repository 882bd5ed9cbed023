import { expect, it } from "vitest";

import { isCommandWord } from "./command-words";

it.each(["new", "Model", " keys "])("%j runs a command", (word) => {
  expect(isCommandWord(word)).toBe(true);
});

it.each(["news", "", "편지"])("%j is free for a prompt", (word) => {
  expect(isCommandWord(word)).toBe(false);
});
