import { describe, expect, it } from "vitest";

import { movedRow, numbersOf, placesOf, rowsOf, tied } from "./ranking";

const shown = (places: readonly (readonly string[])[], items: readonly string[]) => rowsOf(places, items);

describe("a ranking being made", () => {
  it("comes back as the places it was made of", () => {
    const places = [["b"], ["a", "d"], ["c"]];
    expect(placesOf(shown(places, ["a", "b", "c", "d"]))).toEqual(places);
    expect(numbersOf(shown(places, ["a", "b", "c", "d"]))).toEqual([1, 2, 2, 4]);
  });

  it("puts answers that came later at the end and forgets those that are gone", () => {
    expect(placesOf(shown([["gone", "b"], ["a"]], ["a", "b", "new"]))).toEqual([["b"], ["a"], ["new"]]);
  });

  it("moves a row out of its tie and leaves the others tied", () => {
    const rows = shown([["a", "b", "c"], ["d"]], ["a", "b", "c", "d"]);
    expect(placesOf(movedRow(rows, 0, 3))).toEqual([["b", "c"], ["d"], ["a"]]);
    expect(placesOf(movedRow(rows, 1, 3))).toEqual([["a", "c"], ["d"], ["b"]]);
    expect(placesOf(movedRow(rows, 3, 0))).toEqual([["d"], ["a", "b", "c"]]);
  });

  it("joins equals between whom it is put", () => {
    expect(placesOf(movedRow(shown([["a", "b"], ["c"]], ["a", "b", "c"]), 2, 1))).toEqual([["a", "c", "b"]]);
  });

  it("never ties the first row, and stops at the ends", () => {
    const rows = shown([["a", "b"]], ["a", "b"]);
    expect(placesOf(movedRow(rows, 1, 0))).toEqual([["b"], ["a"]]);
    expect(placesOf(movedRow(rows, 0, -1))).toEqual([["a", "b"]]);
    expect(placesOf(movedRow(rows, 0, 9))).toEqual([["b"], ["a"]]);
    expect(placesOf(tied(rows, 0, true))).toEqual([["a", "b"]]);
    expect(placesOf(tied(rows, 1, false))).toEqual([["a"], ["b"]]);
  });
});
