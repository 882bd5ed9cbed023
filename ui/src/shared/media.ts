import { useSyncExternalStore } from "react";

/** Whether a media query holds now. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = matchMedia(query);
      list.addEventListener("change", listener);
      return () => list.removeEventListener("change", listener);
    },
    () => matchMedia(query).matches,
  );
}

/** Below this width the sidebar is a drawer. */
export const NARROW = "(max-width: 767px)";

/** A finger and an on-screen keyboard: Enter makes a new line there. */
export function isTouchOnly(): boolean {
  return matchMedia("(hover: none) and (pointer: coarse)").matches;
}
