import { expect, it } from "vitest";

import { KEEPS_ESCAPE, leaveEscapeInside } from "./escape";

/** Whether a dialog stays open when Escape is pressed in a field of it. */
function isLeft(key: KeyboardEventInit, attributes = ""): boolean {
  document.body.innerHTML = `<input ${attributes}>`;
  const event = new KeyboardEvent("keydown", { key: "Escape", cancelable: true, bubbles: true, ...key });
  document.addEventListener("keydown", leaveEscapeInside, { capture: true, once: true });
  document.querySelector("input")?.dispatchEvent(event);
  return event.defaultPrevented;
}

it("an Escape that cancels what is being composed leaves the dialog open", () => {
  expect(isLeft({ keyCode: 229, isComposing: true })).toBe(true);
  // Safari says at the end of a composition that nothing is being composed.
  expect(isLeft({ keyCode: 229, isComposing: false })).toBe(true);
  expect(isLeft({ keyCode: 27 })).toBe(false);
});

it("an Escape belongs to the field that does something with it", () => {
  expect(isLeft({ keyCode: 27 }, KEEPS_ESCAPE)).toBe(true);
});
