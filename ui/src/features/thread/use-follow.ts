import type { RefObject } from "react";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

import { isBackOrForward } from "@/shared/navigation";
import { prefers } from "@/shared/preferences";

import type { Following, Place } from "./follow";
import { AT_THE_END, FAR_PX, pulledUp, scrolled, sentToEnd, spacerHeight, TOP_GAP_PX } from "./follow";

const UP_KEYS = new Set(["ArrowUp", "PageUp", "Home"]);
/** Words that grow by less than this are not news, in px. */
const NEWS_PX = 4;

/** Room above a row that was looked for, in px. */
const SOUGHT_TOP_PX = 56;
const SETTLING_FRAMES = 12;

/** Where a conversation was left, as distance from its end; only for places that were not the end. */
const leftAt = new Map<string, number>();

export interface FollowedParts {
  /** What scrolls. */
  readonly pane: RefObject<HTMLElement | null>;
  /** The messages in it. */
  readonly rows: RefObject<HTMLElement | null>;
  /** Empty room below them. */
  readonly spacer: RefObject<HTMLElement | null>;
}

export interface Follow {
  readonly isFar: boolean;
  /** Something was written below since the reader left the end. */
  readonly hasNews: boolean;
  toEnd(behavior: ScrollBehavior): void;
  /** A question was sent: it goes near the top, and its answer grows below it. */
  toQuestion(): void;
  /** To a row that was looked for, and stay there. */
  toRow(row: HTMLElement): void;
}

/**
 * Keeps the end of the messages in view while the reader is there. Synchronises the scroll position with the size of
 * the messages, which grow without React knowing (fonts, images, remembered heights).
 */
export function useFollow(name: string, { pane, rows, spacer }: FollowedParts): Follow {
  const following = useRef<Following>(AT_THE_END);
  const hasAsked = useRef(false);
  /** Whoever does not want to be scrolled along is left at the question, also where that is the end. */
  const isHeld = useRef(false);
  const seenHeight = useRef(0);
  const [isFar, setFar] = useState(false);
  const [hasNews, setNews] = useState(false);

  const stay = useCallback(() => {
    const element = pane.current;
    const inner = rows.current;
    if (element === null || inner === null) return;
    if (hasAsked.current) fitSpacer(element, inner, spacer.current);
    if (following.current.isPinned) element.scrollTop = element.scrollHeight;
    const height = inner.offsetHeight;
    if (following.current.isPinned) seenHeight.current = height;
    const isAway = !following.current.isPinned && restOf(element, spacer.current) > FAR_PX;
    setFar(isAway);
    setNews(isAway && height > seenHeight.current + NEWS_PX);
  }, [pane, rows, spacer]);

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
    const inner = rows.current;
    if (element === null || inner === null) return undefined;
    const sizes = new ResizeObserver(stay);
    sizes.observe(inner);
    sizes.observe(element);
    const listeners = new AbortController();
    hear(element, listeners.signal, {
      onUp: () => {
        following.current = pulledUp(following.current);
      },
      onScroll: () => {
        following.current = scrolled(following.current, placeOf(element));
        if (isHeld.current) following.current = pulledUp(following.current);
        if (placeOf(element).rest <= FAR_PX) seenHeight.current = inner.offsetHeight;
        const isAway = !following.current.isPinned && restOf(element, spacer.current) > FAR_PX;
        setFar(isAway);
        if (!isAway) setNews(false);
      },
    });
    return () => {
      sizes.disconnect();
      listeners.abort();
    };
  }, [pane, rows, spacer, stay]);

  const toEnd = useCallback(
    (behavior: ScrollBehavior) => {
      following.current = sentToEnd(following.current);
      const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      pane.current?.scrollTo({ top: pane.current.scrollHeight, behavior: isCalm ? "auto" : behavior });
      setFar(false);
      setNews(false);
    },
    [pane],
  );

  const toQuestion = useCallback(() => {
    hasAsked.current = true;
    following.current = sentToEnd(following.current);
    stay();
    isHeld.current = !prefers("follow");
    if (!isHeld.current) return;
    following.current = pulledUp(following.current);
    // The messages may have come to the page after the first screen of the answer; its end is not where one reads.
    const question = newestQuestion(rows.current);
    if (question !== undefined && pane.current !== null)
      pane.current.scrollTop = question.offsetTop - pane.current.offsetTop - TOP_GAP_PX;
  }, [stay, pane, rows]);

  const toRow = useCallback(
    (row: HTMLElement) => {
      following.current = pulledUp(following.current);
      const element = pane.current;
      if (element !== null) settleOn(element, row, SETTLING_FRAMES);
    },
    [pane],
  );

  return { isFar, hasNews, toEnd, toQuestion, toRow };
}

/** Rows get their height when they come into view, so the first try may miss. */
function settleOn(pane: HTMLElement, row: HTMLElement, frames: number): void {
  const off = row.getBoundingClientRect().top - pane.getBoundingClientRect().top - SOUGHT_TOP_PX;
  if (Math.abs(off) > 1) pane.scrollTop += off;
  if (frames > 0 && row.isConnected) requestAnimationFrame(() => settleOn(pane, row, frames - 1));
}

interface Ears {
  readonly onUp: () => void;
  readonly onScroll: () => void;
}

/** What the reader does with the pane. */
function hear(element: HTMLElement, signal: AbortSignal, { onUp, onScroll }: Ears): void {
  const options = { passive: true, signal };
  let touchedAt = 0;
  element.addEventListener("wheel", (event) => event.deltaY < 0 && onUp(), options);
  element.addEventListener("touchstart", (event) => (touchedAt = event.touches[0]?.clientY ?? 0), options);
  element.addEventListener(
    "touchmove",
    (event) => (event.touches[0]?.clientY ?? 0) > touchedAt && onUp(),
    options,
  );
  // What unfolds at the end must not push away its own beginning.
  element.addEventListener(
    "click",
    (event) => event.target instanceof Element && event.target.closest("summary") && onUp(),
    options,
  );
  element.addEventListener("keydown", (event) => UP_KEYS.has(event.key) && onUp(), options);
  element.addEventListener("scroll", onScroll, options);
}

/** The spacer stands outside of `rows`, so that setting it does not look like a change of them. */
function fitSpacer(pane: HTMLElement, rows: HTMLElement, spacer: HTMLElement | null): void {
  const question = newestQuestion(rows);
  if (spacer === null) return;
  const height =
    question === undefined
      ? 0
      : spacerHeight(
          pane.clientHeight,
          // Not their rectangles: a row that still rises into its place is not where it will be.
          rows.offsetTop + rows.offsetHeight - question.offsetTop,
        );
  spacer.style.height = `${height}px`;
}

function newestQuestion(rows: HTMLElement | null): HTMLElement | undefined {
  return [...(rows?.querySelectorAll<HTMLElement>("article[data-role=user]") ?? [])].at(-1);
}

function placeOf(element: HTMLElement): Place {
  const { scrollTop, scrollHeight, clientHeight } = element;
  return { top: scrollTop, rest: scrollHeight - clientHeight - scrollTop };
}

/** Distance from the last words. */
function restOf(element: HTMLElement, spacer: HTMLElement | null): number {
  return placeOf(element).rest - (spacer?.offsetHeight ?? 0);
}
