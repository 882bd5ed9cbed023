import { startTransition, useEffect, useState } from "react";

import { openThread } from "@/core/state";
import type { Thread, Turn } from "@/core/tree";
import { turnsOf } from "@/core/tree";
import { useChat } from "@/shared/session";

/** Newest rows that are drawn at once; the older ones follow while nothing else happens. */
const FIRST_ROWS = 16;
const ROWS_A_SLICE = 12;

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

/** How many rows, counted from the end, are drawn now. Synchronises with the browser's idle time. */
export function useRowBudget(total: number): number {
  const [budget, setBudget] = useState(FIRST_ROWS);
  useEffect(() => {
    if (budget >= total) return undefined;
    const more = (): void => startTransition(() => setBudget((before) => before + ROWS_A_SLICE));
    if (typeof requestIdleCallback !== "function") {
      const timer = setTimeout(more, 50);
      return () => clearTimeout(timer);
    }
    const handle = requestIdleCallback(more, { timeout: 300 });
    return () => cancelIdleCallback(handle);
  }, [budget, total]);
  return budget;
}
