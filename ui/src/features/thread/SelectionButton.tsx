import { BookmarkPlus } from "lucide-react";
import type { RefObject } from "react";
import { useEffect, useState } from "react";

import { openDialog } from "@/shared/dialogs";
import { useT } from "@/shared/i18n/i18n";

interface Selected {
  readonly text: string;
  /** Where it ends, in px from the corner of the page. */
  readonly left: number;
  readonly top: number;
}

/** How long a selection rests before the button appears: it must not run along with the pointer. */
const RESTS_MS = 250;
/** Room that the button needs on its right. */
const ROOM_PX = 160;

/** Beside words that were selected in `pane`: keep them as a fact. */
export function SelectionButton({ pane }: { pane: RefObject<HTMLElement | null> }) {
  const t = useT();
  const selected = useSelected(pane);
  if (selected === null) return null;
  return (
    <button
      type="button"
      className="menu fixed z-30 inline-flex min-w-0! items-center gap-1.5 px-3! py-1.5! text-sm hover:bg-hover pointer-coarse:py-2.5!"
      style={{ left: selected.left, top: selected.top }}
      // A press would take the selection away before the click.
      onPointerDown={(event) => event.preventDefault()}
      onClick={() => {
        openDialog({ kind: "remember", text: selected.text }, pane.current);
        getSelection()?.removeAllRanges();
      }}
    >
      <BookmarkPlus className="size-4 text-wood" aria-hidden />
      {t("remember.action")}
    </button>
  );
}

/** Synchronises with the browser's selection. */
function useSelected(pane: RefObject<HTMLElement | null>): Selected | null {
  const [selected, setSelected] = useState<Selected | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const listeners = new AbortController();
    const { signal } = listeners;
    function look(): void {
      clearTimeout(timer);
      setSelected(null);
      timer = setTimeout(() => setSelected(selectedIn(pane.current)), RESTS_MS);
    }
    function hide(): void {
      setSelected(null);
    }
    document.addEventListener("selectionchange", look, { signal });
    // It stands still while the words move away.
    document.addEventListener("scroll", hide, { signal, capture: true, passive: true });
    addEventListener("resize", hide, { signal });
    return () => {
      clearTimeout(timer);
      listeners.abort();
    };
  }, [pane]);
  return selected;
}

function selectedIn(pane: HTMLElement | null): Selected | null {
  const selection = getSelection();
  const text = selection?.toString().trim() ?? "";
  if (selection === null || pane === null || selection.rangeCount === 0 || text === "") return null;
  const range = selection.getRangeAt(0);
  // A box that one writes in has a selection of its own.
  const isWriting =
    document.activeElement?.matches("textarea, input") && pane.contains(document.activeElement);
  if (isWriting || !pane.contains(range.commonAncestorContainer)) return null;
  const place = [...range.getClientRects()].at(-1);
  if (place === undefined) return null;
  return { text, left: Math.max(8, Math.min(place.right, innerWidth - ROOM_PX)), top: place.bottom + 6 };
}
