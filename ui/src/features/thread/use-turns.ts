import { startTransition, useCallback, useEffect, useState } from "react";
import { flushSync } from "react-dom";

import { openThread } from "@/core/state";
import type { Thread, Turn } from "@/core/tree";
import { turnsOf } from "@/core/tree";
import { useChat } from "@/shared/session";

/** Newest rows that are drawn at once; the older ones follow while nothing else happens. */
const FIRST_ROWS = 8;
const ROWS_A_SLICE = 12;
/** So many are drawn by themselves. */
const ROWS_BY_ITSELF = 200;
const ROWS_A_WISH = 60;
/** So many more at once are no answer that came, but a chat that was loaded. */
const MANY_ROWS = 16;

/** The rows of the open conversation; a row that did not change is the same object as before. */
export function useTurns(): readonly Turn[] {
  const [keep] = useState(() => keeper());
  return useChat((state) => keep(openThread(state)));
}

/** Remembers its last result, so that a growing answer re-renders no list. */
export function keeper(): (thread: Thread) => readonly Turn[] {
  let last: readonly Turn[] = [];
  return (thread) => {
    const known = new Map(last.map((turn) => [turn.key, turn]));
    const next = turnsOf(thread).map((turn) => {
      const before = known.get(turn.key);
      return before !== undefined && isSame(before, turn) ? before : turn;
    });
    const isUnchanged = next.length === last.length && next.every((turn, index) => turn === last[index]);
    if (!isUnchanged) last = next;
    return last;
  };
}

function isSame(one: Turn, other: Turn): boolean {
  return (
    one.role === other.role &&
    one.ids.length === other.ids.length &&
    one.ids.every((id, index) => id === other.ids[index])
  );
}

export interface Drawn {
  /** Index of the first row that is drawn; those before it are not. */
  readonly first: number;
  /** Whether only the reader's wish brings more. */
  readonly isWaiting: boolean;
  drawMore(): void;
}

interface Range {
  readonly first: number;
  readonly total: number;
}

/**
 * Which rows are drawn: the newest at once, more while the browser is idle, and the oldest of a very long conversation
 * only when somebody goes there, because every row that stands costs something with every word that comes.
 * Synchronises with the browser's idle time.
 */
export function useDrawn(total: number): Drawn {
  const [kept, setKept] = useState<Range>(() => opened(total));
  const range = fitting(kept, total);
  if (range !== kept) setKept(range);
  const { first } = range;
  const isWaiting = first > 0 && total - first >= ROWS_BY_ITSELF;
  useEffect(() => {
    if (first === 0 || isWaiting) return undefined;
    const more = (): void => startTransition(() => setKept((before) => grown(before, ROWS_A_SLICE)));
    if (typeof requestIdleCallback !== "function") {
      const timer = setTimeout(more, 50);
      return () => clearTimeout(timer);
    }
    const handle = requestIdleCallback(more, { timeout: 300 });
    return () => cancelIdleCallback(handle);
  }, [first, isWaiting]);
  // Synchronises with the printer: on paper nobody scrolls to older rows.
  useEffect(() => {
    const all = (): void => flushSync(() => setKept((before) => grown(before, before.total)));
    addEventListener("beforeprint", all);
    return () => removeEventListener("beforeprint", all);
  }, []);
  const drawMore = useCallback(() => setKept((before) => grown(before, ROWS_A_WISH)), []);
  return { first, isWaiting, drawMore };
}

function opened(total: number): Range {
  return { first: Math.max(0, total - FIRST_ROWS), total };
}

function grown({ first, total }: Range, rows: number): Range {
  return { first: Math.max(0, first - rows), total };
}

/** Rows that are added at the end push none out at the beginning; another branch, or a whole chat, begins anew. */
export function fitting(range: Range, total: number): Range {
  if (total === range.total) return range;
  const isOther = total - range.total > MANY_ROWS || range.first >= total;
  return isOther ? opened(total) : { first: range.first, total };
}
