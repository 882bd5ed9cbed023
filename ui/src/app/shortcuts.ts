import { useEffect } from "react";

import { isForIme } from "@/shared/ime";
import type { Action } from "@/shared/shortcuts";
import { actionOf, bindingsNow } from "@/shared/shortcuts";

/** What each does; false when there was nothing to do. */
export type Commands = Readonly<Record<Action, () => boolean | void>>;

/** Synchronises the keyboard with the page's commands. Menus and dialogs keep their Escape. */
export function useShortcuts(commands: Commands): void {
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (event.defaultPrevented || isForIme(event)) return;
      const asksForHelp = event.key === "?" && !isTyping(event.target);
      const action = asksForHelp ? "help" : actionOf(event, bindingsNow());
      if (action === null) return;
      if (commands[action]() !== false) event.preventDefault();
    }
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [commands]);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches("input, textarea, select, [contenteditable]");
}
