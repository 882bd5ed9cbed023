import { useEffect } from "react";

export interface Shortcuts {
  readonly newChat: () => void;
  readonly search: () => void;
  readonly toggleSidebar: () => void;
  readonly focusBox: () => void;
  /** True when there was one. */
  readonly deleteChat: () => boolean;
  /** True when there was something to stop. */
  readonly stop: () => boolean;
}

/** Which key does what; by the place of the key, so that a Hangul layout changes nothing. */
export function shortcutOf(event: KeyboardEvent): keyof Shortcuts | null {
  const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey;
  if (isCommand && event.shiftKey && event.code === "KeyO") return "newChat";
  if (isCommand && !event.shiftKey && event.code === "KeyK") return "search";
  if (isCommand && !event.shiftKey && event.code === "KeyB") return "toggleSidebar";
  if (isCommand && event.shiftKey && event.code === "Backspace") return "deleteChat";
  if (event.code === "Escape" && event.shiftKey) return "focusBox";
  if (event.code === "Escape" && !isCommand && !event.isComposing) return "stop";
  return null;
}

/** Synchronises the keyboard with the page's commands. Menus and dialogs keep their Escape. */
export function useShortcuts(shortcuts: Shortcuts): void {
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (event.defaultPrevented) return;
      const name = shortcutOf(event);
      if (name === null) return;
      if (shortcuts[name]() !== false) event.preventDefault();
    }
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [shortcuts]);
}
