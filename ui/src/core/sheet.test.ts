/** Rules of `sheet.ts`: whose words are whose after any change, and that no state is lost. */
import { describe, expect, it } from "vitest";

import {
  begun,
  begunAgain,
  continued,
  edited,
  editedAnew,
  EMPTY,
  ended,
  MOST_PAGES,
  pieces,
  redone,
  replaced,
  undone,
} from "./sheet";
import type { Sheet } from "./sheet";

const typed = edited(EMPTY, "sea: ");
const answered = continued(continued(begun(typed), "wa"), "ter");

function models(sheet: Sheet): readonly string[] {
  return pieces(sheet.page)
    .filter((piece) => piece.isModels)
    .map((piece) => piece.text);
}

describe("whose words are whose", () => {
  it("joins what a model writes in a row", () => {
    expect(pieces(answered.page)).toEqual([
      { text: "sea: ", isModels: false },
      { text: "water", isModels: true },
    ]);
  });

  it("keeps two answers apart from what was typed between them", () => {
    const second = continued(begun(edited(answered, "sea: water\nsky: ")), "air");
    expect(models(second)).toEqual(["water", "air"]);
    expect(
      pieces(second.page)
        .map((piece) => piece.text)
        .join(""),
    ).toBe("sea: water\nsky: air");
  });

  it.each([
    ["before it", "the sea: water", ["water"]],
    ["within it", "sea: wa ter", ["wa", "ter"]],
    ["behind it", "sea: water!", ["water"]],
    ["a part of it away", "sea: war", ["war"]],
    ["all of it away", "sea: ", []],
    ["from before into it away", "sea ter", ["ter"]],
    ["everything away", "", []],
    ["its first letter", "sea: Water", ["ater"]],
  ])("knows after a change %s", (_, text, left) => {
    const changed = edited(answered, text);
    expect(changed.page.text).toBe(text);
    expect(models(changed)).toEqual(left);
  });

  it("gives a text that takes the place of this one to the person", () => {
    expect(models(replaced(answered, "sea: water"))).toEqual(["water"]);
    expect(models(replaced(answered, "Q: sea?"))).toEqual([]);
  });
});

describe("what was there", () => {
  it("comes back by undo, and goes again by redo", () => {
    const back = undone(answered);
    expect(back.page.text).toBe("sea: ");
    expect(redone(back)).toEqual(answered);
    expect(undone(EMPTY)).toBe(EMPTY);
    expect(redone(answered)).toBe(answered);
  });

  it("is begun with again, and the first answer is one undo away", () => {
    const again = continued(begunAgain(answered), "salt");
    expect(again.page.text).toBe("sea: salt");
    expect(undone(again).page.text).toBe("sea: water");
    expect(undone(undone(again)).page.text).toBe("sea: ");
    expect(continued(begunAgain(again), "sand").page.text).toBe("sea: sand");
  });

  it("keeps what was typed behind an answer, one undo away", () => {
    const further = edited(answered, "sea: water, and");
    expect(undone(begunAgain(further)).page.text).toBe("sea: water, and");
  });

  it("is no other state where the model wrote nothing", () => {
    expect(ended(begun(typed), typed)).toBe(typed);
    expect(ended(answered, typed)).toBe(answered);
  });

  it("can still be had again after a model wrote nothing", () => {
    const back = undone(continued(begun(answered), ", salt"));
    expect(redone(ended(begun(back), back)).page.text).toBe("sea: water, salt");
    expect(ended(begunAgain(back), back)).toBe(back);
  });

  it("comes back after somebody began to change it, whole", () => {
    const changed = edited(editedAnew(answered, "sea: water,"), "sea: water, and");
    expect(undone(changed)).toMatchObject({ page: answered.page, past: answered.past });
    expect(redone(undone(changed)).page.text).toBe("sea: water, and");
    expect(editedAnew(answered, "sea: water")).toBe(answered);
  });

  it("is forgotten at some time", () => {
    let sheet = EMPTY;
    for (let n = 0; n < MOST_PAGES + 5; n += 1) sheet = continued(begun(sheet), "x");
    expect(sheet.past).toHaveLength(MOST_PAGES);
  });
});
