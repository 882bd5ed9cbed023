import type { RefObject } from "react";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

import { isBackOrForward } from "@/shared/navigation";

import type { Following, Place } from "./follow";
import { AT_THE_END, FAR_PX, pulledUp, scrolled, sentToEnd } from "./follow";

const UP_KEYS = new Set(["ArrowUp", "PageUp", "Home"]);

/** Where a conversation was left, as distance from its end; only for places that were not the end. */
const leftAt = new Map<string, number>();

export interface Follow {
  readonly isFar: boolean;
  toEnd(behavior: ScrollBehavior): void;
}

/**
 * Keeps the end of `content` in view while the reader is there. Synchronises the scroll position with the size of the
 * content, which grows without React knowing (fonts, images, remembered heights).
 */
export function useFollow(
  name: string,
  pane: RefObject<HTMLElement | null>,
  content: RefObject<HTMLElement | null>,
): Follow {
  const following = useRef<Following>(AT_THE_END);
  const [isFar, setFar] = useState(false);

  const stay = useCallback(() => {
    const element = pane.current;
    if (element === null) return;
    if (following.current.isPinned) element.scrollTop = element.scrollHeight;
    setFar(!following.current.isPinned && placeOf(element).rest > FAR_PX);
  }, [pane]);

  useLayoutEffect(() => {
    const element = pane.current;
    if (element === null) return undefined;
    const left = isBackOrForward() ? leftAt.get(name) : undefined;
    following.current = { isPinned: left === undefined, last: placeOf(element) };
    if (left === undefined) stay();
    else element.scrollTop = element.scrollHeight - element.clientHeight - left;
    return () => {
      const { isPinned, last } = following.current;
      if (isPinned) leftAt.delete(name);
      else leftAt.set(name, last.rest);
    };
  }, [name, pane, stay]);

  useEffect(() => {
    const element = pane.current;
    const inner = content.current;
    if (element === null || inner === null) return undefined;
    const sizes = new ResizeObserver(stay);
    sizes.observe(inner);
    sizes.observe(element);
    const release = (): void => {
      following.current = pulledUp(following.current);
    };
    const listeners = new AbortController();
    const options = { passive: true, signal: listeners.signal };
    let touchedAt = 0;
    element.addEventListener("wheel", (event) => event.deltaY < 0 && release(), options);
    element.addEventListener("touchstart", (event) => (touchedAt = event.touches[0]?.clientY ?? 0), options);
    element.addEventListener(
      "touchmove",
      (event) => (event.touches[0]?.clientY ?? 0) > touchedAt && release(),
      options,
    );
    // What unfolds at the end must not push away its own beginning.
    element.addEventListener(
      "click",
      (event) => event.target instanceof Element && event.target.closest("summary") && release(),
      options,
    );
    element.addEventListener("keydown", (event) => UP_KEYS.has(event.key) && release(), options);
    element.addEventListener(
      "scroll",
      () => {
        const place = placeOf(element);
        following.current = scrolled(following.current, place);
        setFar(!following.current.isPinned && place.rest > FAR_PX);
      },
      options,
    );
    return () => {
      sizes.disconnect();
      listeners.abort();
    };
  }, [pane, content, stay]);

  const toEnd = useCallback(
    (behavior: ScrollBehavior) => {
      following.current = sentToEnd(following.current);
      const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      pane.current?.scrollTo({ top: pane.current.scrollHeight, behavior: isCalm ? "auto" : behavior });
      setFar(false);
    },
    [pane],
  );
  return { isFar, toEnd };
}

function placeOf(element: HTMLElement): Place {
  const { scrollTop, scrollHeight, clientHeight } = element;
  return { top: scrollTop, rest: scrollHeight - clientHeight - scrollTop };
}
