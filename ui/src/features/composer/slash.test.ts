import { expect, it } from "vitest";

import type { BuiltIn } from "./slash";
import { optionsFor } from "./slash";

const COMMANDS: readonly BuiltIn[] = [
  { kind: "command", word: "new", label: "New chat" },
  { kind: "command", word: "model", label: "모델 고르기", choices: ["house", "echo"] },
  { kind: "command", word: "again", label: "Answer again" },
];
const found = (text: string): string[] => optionsFor(text, COMMANDS).map((one) => one.id);

it("a slash shows all, and letters narrow it down", () => {
  expect(found("/")).toEqual(["command new", "command model", "command again"]);
  expect(found("/n")).toEqual(["command new"]);
  expect(found("/모델")).toEqual(["command model"]);
});

it("a command with choices lists them after a space", () => {
  expect(found("/model ")).toEqual(["command model house", "command model echo"]);
  expect(found("/model EC")).toEqual(["command model echo"]);
});

it.each(["", "new", "a /new", "/usr/bin is a folder", "/new chat", "/etc"])("%j is no command", (text) => {
  expect(found(text)).toEqual([]);
});

it("a prompt of a command's word is a line of its own, and takes no choices from the command", () => {
  const both = [{ kind: "prompt", word: "model", label: "Models of ships" } as const, ...COMMANDS];
  expect(optionsFor("/mod", both).map((one) => one.id)).toEqual(["prompt model", "command model"]);
  expect(optionsFor("/model ec", both).map((one) => one.id)).toEqual(["command model echo"]);
});
