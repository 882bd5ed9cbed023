import { expect, it } from "vitest";

import { actionOf, readBindings, refusalOf, signsOf, strokeOf } from "./shortcuts";

const plain = { code: "", ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
const first = readBindings(null);

it("a key is told by its place, so that a Hangul layout changes nothing", () => {
  const hangul = { ...plain, code: "KeyO", key: "ㅐ", ctrlKey: true, shiftKey: true };
  expect(actionOf(hangul, first)).toBe("newChat");
  expect(actionOf({ ...hangul, ctrlKey: false, metaKey: true }, first)).toBe("newChat");
  expect(actionOf({ ...hangul, altKey: true }, first)).toBeNull();
});

it("a modifier alone is no shortcut", () => {
  expect(strokeOf({ ...plain, code: "ShiftLeft", shiftKey: true })).toBeNull();
});

it("what was turned off does nothing, and what was changed does it by its new keys", () => {
  const mine = readBindings('{"stop":null,"newChat":"Alt+KeyN","nonsense":"KeyX","help":7}');
  expect(actionOf({ ...plain, code: "Escape" }, mine)).toBeNull();
  expect(actionOf({ ...plain, code: "KeyN", altKey: true }, mine)).toBe("newChat");
  expect(mine.help).toBe(first.help);
});

it("what cannot be read is as at first", () => {
  expect(readBindings("{")).toEqual(first);
});

it("keys of the browser, letters alone and keys that are taken are refused", () => {
  expect(refusalOf("newChat", "Mod+KeyT", first)).toBe("reserved");
  expect(refusalOf("newChat", "KeyG", first)).toBe("bare");
  expect(refusalOf("newChat", "Mod+KeyB", first)).toEqual({ takenBy: "toggleSidebar" });
  expect(refusalOf("newChat", "Mod+Shift+KeyO", first)).toBeNull();
  expect(refusalOf("newChat", "F8", first)).toBeNull();
});

it("keys are written as they stand on the keyboard", () => {
  expect(signsOf("Mod+Shift+KeyO", false)).toEqual(["Ctrl", "Shift", "O"]);
  expect(signsOf("Mod+Slash", true)).toEqual(["⌘", "/"]);
});
