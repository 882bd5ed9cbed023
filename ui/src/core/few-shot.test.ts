/** Rules of `few-shot.ts`: how examples become a prompt. */
import { describe, expect, it } from "vitest";

import { promptOf, stopsOf } from "./few-shot";

const FORM = {
  task: "Say what it is made of.",
  before: "Q: ",
  after: "A:",
  examples: [
    { input: "sea", output: "water" },
    { input: " fire", output: "heat\n" },
    { input: "", output: " " },
  ],
  asked: "sky",
};

describe("a prompt", () => {
  it("shows the task, the whole examples, and ends where the answer begins", () => {
    expect(promptOf(FORM)).toBe(
      "Say what it is made of.\n\nQ: sea\nA: water\n\nQ: fire\nA: heat\n\nQ: sky\nA:",
    );
  });

  it("does without a task and without names", () => {
    expect(promptOf({ ...FORM, task: " ", before: "", after: "" })).toBe("sea\nwater\n\nfire\nheat\n\nsky\n");
  });
});

describe("the end", () => {
  it("is where the model would begin an example of its own", () => {
    expect(stopsOf(FORM)).toEqual(["\nQ:"]);
    expect(stopsOf({ ...FORM, before: " " })).toEqual(["\n\n"]);
  });
});
