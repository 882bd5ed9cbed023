import type { RefCallback } from "react";
import { useCallback, useRef } from "react";

/** As the `ref` of a box that one writes in: the cursor stands at its end. */
export function focusEnd(box: HTMLTextAreaElement | HTMLInputElement | null): void {
  if (box === null || document.activeElement === box) return;
  box.focus();
  box.setSelectionRange(box.value.length, box.value.length);
}

/**
 * For a button that is away while something else stands in its place: its `ref`, and what is to be called when it
 * should come back with the focus.
 */
export function useFocusBack(): [RefCallback<HTMLElement>, () => void] {
  const isWanted = useRef(false);
  const take = useCallback((button: HTMLElement | null) => {
    if (button === null || !isWanted.current) return;
    isWanted.current = false;
    button.focus();
  }, []);
  const comeBack = useCallback(() => {
    isWanted.current = true;
  }, []);
  return [take, comeBack];
}
