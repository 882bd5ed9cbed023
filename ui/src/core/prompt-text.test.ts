import { expect, it } from "vitest";

import { changesBetween, filled, variablesIn } from "./prompt-text";

it("a variable is found once, with the preset that stands first", () => {
  expect(variablesIn("To {{ name }}: {{tone:kind}} words for {{name:Mina}}, {{받는 사람}}.")).toEqual([
    { name: "name", preset: "Mina" },
    { name: "tone", preset: "kind" },
    { name: "받는 사람", preset: "" },
  ]);
});

it.each(["{name}", "{{}}", "{{ }}", "{{a\nb}}", "{{a.b}}", "{{a{{b}}"])(
  "%j has no variable of that form",
  (text) => {
    expect(variablesIn(text).map(({ name }) => name)).toEqual(
      text.includes("b}}") && text.includes("{{b") ? ["b"] : [],
    );
  },
);

it("every place is filled, and what a value holds is not filled again", () => {
  expect(filled("{{a}} and {{a:x}} and {{b}}", { a: "{{b}} $& $1", b: "2" })).toBe(
    "{{b}} $& $1 and {{b}} $& $1 and 2",
  );
});

it("a preset may be empty, hold colons, and go over lines", () => {
  expect(variablesIn("{{a:}} {{b:10:30\nsharp}}")).toEqual([
    { name: "a", preset: "" },
    { name: "b", preset: "10:30\nsharp" },
  ]);
});

it("what went and what came stands between what stayed", () => {
  const changes = changesBetween("one\ntwo\nthree\nfour", "one\n2\nthree\nfour\nfive");
  expect(changes.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    "same one",
    "removed two",
    "added 2",
    "same three",
    "same four",
    "added five",
  ]);
});

it.each([
  ["", ""],
  ["a", ""],
  ["a\nb\nc", "c\nb\na"],
  ["x\n".repeat(50), "x\n".repeat(49)],
])("both texts can be read off the changes: %#", (before, after) => {
  const changes = changesBetween(before, after);
  const side = (left: string): string =>
    changes
      .filter(({ kind }) => kind === "same" || kind === left)
      .map(({ text }) => text)
      .join("\n");
  expect(side("removed")).toBe(before);
  expect(side("added")).toBe(after);
});
