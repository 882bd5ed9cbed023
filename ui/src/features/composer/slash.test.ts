import { expect, it } from "vitest";

import { optionsFor } from "./slash";

const COMMANDS = [
  { word: "new", label: "New chat" },
  { word: "model", label: "모델 고르기", choices: ["house", "echo"] },
  { word: "again", label: "Answer again" },
];
const found = (text: string): string[] => optionsFor(text, COMMANDS).map((one) => one.id);

it("a slash shows all, and letters narrow it down", () => {
  expect(found("/")).toEqual(["new", "model", "again"]);
  expect(found("/n")).toEqual(["new"]);
  expect(found("/모델")).toEqual(["model"]);
});

it("a command with choices lists them after a space", () => {
  expect(found("/model ")).toEqual(["model house", "model echo"]);
  expect(found("/model EC")).toEqual(["model echo"]);
});

it.each(["", "new", "a /new", "/usr/bin is a folder", "/new chat", "/etc"])("%j is no command", (text) => {
  expect(found(text)).toEqual([]);
});
