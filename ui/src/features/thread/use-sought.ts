import type { RefObject } from "react";
import { useEffect } from "react";

import { marksIn } from "@/core/finding";
import type { Turn } from "@/core/tree";
import { useChat } from "@/shared/session";

/** The name under which `index.css` colours the words. */
const HIGHLIGHT = "sought";

/**
 * Scrolls to the message that is looked for and marks it and its words. Synchronises with the browser's scrolling and
 * its highlights. Gives the first row that must be drawn for that; infinity while nothing is looked for.
 */
export function useSought(
  rows: RefObject<HTMLElement | null>,
  turns: readonly Turn[],
  toRow: (row: HTMLElement) => void,
): number {
  const sought = useChat((state) => (state.sought?.conversation === state.open ? state.sought : null));
  const place = sought === null ? -1 : turns.findIndex((turn) => turn.ids.includes(sought.item));
  const isThere = place >= 0;
  useEffect(() => {
    const row =
      sought === null
        ? null
        : rows.current?.querySelector<HTMLElement>(`[data-ids~="${CSS.escape(sought.item)}"]`);
    if (!isThere || !row || sought === null) return undefined;
    row.tabIndex = -1;
    row.dataset["sought"] = "";
    row.focus({ preventScroll: true });
    toRow(row);
    mark(row, sought.words);
    return () => {
      delete row.dataset["sought"];
      unmark();
    };
  }, [rows, sought, isThere, toRow]);
  return isThere ? Math.max(0, place - 1) : Number.POSITIVE_INFINITY;
}

function mark(row: HTMLElement, words: readonly string[]): void {
  if (!("highlights" in CSS)) return;
  const ranges: Range[] = [];
  const texts = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
    for (const [begin, end] of marksIn(text.nodeValue ?? "", words)) {
      const range = new Range();
      range.setStart(text, begin);
      range.setEnd(text, end);
      ranges.push(range);
    }
  }
  CSS.highlights.set(HIGHLIGHT, new Highlight(...ranges));
}

function unmark(): void {
  if ("highlights" in CSS) CSS.highlights.delete(HIGHLIGHT);
}
