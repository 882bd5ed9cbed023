import { expect, it } from "vitest";

import { freeName, hasFiles, pastedFiles } from "./transfer";

function transfer(files: readonly File[], texts: Readonly<Record<string, string>> = {}): DataTransfer {
  const types = [...Object.keys(texts), ...(files.length > 0 ? ["Files"] : [])];
  return { files, types, getData: (type: string) => texts[type] ?? "" } as unknown as DataTransfer;
}

const next = (number: number) => `a ${number}`;
const picture = new File(["x"], "image.png", { type: "image/png" });
const text = new File(["x"], "a.txt", { type: "text/plain" });

it("a screenshot and copied files are files", () => {
  expect(pastedFiles(transfer([picture]))).toEqual([picture]);
  expect(pastedFiles(transfer([picture], { "text/html": "<img>" }))).toEqual([picture]);
  expect(pastedFiles(transfer([text], { "text/plain": "a.txt" }))).toEqual([text]);
});

it("words that office programs copy with a picture of them are words", () => {
  expect(pastedFiles(transfer([picture], { "text/html": "<b>hi</b>", "text/plain": "hi" }))).toEqual([]);
});

it("only files are dropped", () => {
  expect(hasFiles(transfer([text]))).toBe(true);
  expect(hasFiles(transfer([], { "text/plain": "hi" }))).toBe(false);
  expect(hasFiles(null)).toBe(false);
});

it("what is pasted twice has two names", () => {
  expect(freeName("a", next, [])).toBe("a");
  expect(freeName("a", next, ["a", "a 2"])).toBe("a 3");
});
