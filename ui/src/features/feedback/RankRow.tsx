import { ArrowDown, ArrowUp, GripVertical } from "lucide-react";
import type { KeyboardEvent } from "react";
import { useState } from "react";

import type { RankedRow } from "@/core/ranking";
import { openThread } from "@/core/state";
import { textOf } from "@/core/tree";
import { classes } from "@/shared/classes";
import { useT } from "@/shared/i18n/i18n";
import { Markdown } from "@/shared/markdown/Markdown";
import { useChat } from "@/shared/session";
import { IconButton } from "@/shared/ui/IconButton";

/** Longer ones are cut until somebody wants to see all. */
const SHORT_CHARS = 320;

interface RankRowProps {
  readonly row: RankedRow;
  /** Names the answer while its place changes. */
  readonly letter: string;
  readonly index: number;
  readonly total: number;
  readonly place: number;
  readonly isDragged: boolean;
  readonly onGrab: (pointerId: number) => void;
  readonly onMove: (to: number) => void;
  readonly onTie: (isTied: boolean) => void;
}

/** One answer in the order: dragged by its handle, moved by arrow keys on it or by buttons. */
export function RankRow({
  row,
  letter,
  index,
  total,
  place,
  isDragged,
  onGrab,
  onMove,
  onTie,
}: RankRowProps) {
  const t = useT();
  const text = useChat((state) => textOf(openThread(state).nodes[row.item]));
  const [isWhole, setWhole] = useState(false);
  const isLong = text.length > SHORT_CHARS;

  function key(event: KeyboardEvent): void {
    const to = { ArrowUp: index - 1, ArrowDown: index + 1, Home: 0, End: total - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    onMove(to);
  }
  return (
    <li
      className={classes(
        "flex gap-2 rounded-xl border bg-paper py-2.5 pr-2 pl-1.5 transition-shadow",
        row.isTied && "-mt-1 border-l-4 border-l-wood",
        isDragged && "shadow-card ring-2 ring-wood/60",
      )}
    >
      <button
        type="button"
        aria-label={t("rank.handle", { letter, place, total })}
        className="flex w-9 shrink-0 cursor-grab touch-none flex-col items-center gap-1 rounded-lg py-1 text-ink-soft hover:bg-hover active:cursor-grabbing pointer-coarse:w-10"
        onKeyDown={key}
        onPointerDown={(event) => onGrab(event.pointerId)}
      >
        <span className="text-sm font-semibold text-wood tabular-nums">{place}</span>
        <GripVertical className="size-4" aria-hidden />
      </button>
      <div className="min-w-0 flex-1">
        <div
          className={classes(
            "relative text-sm [&_.prose]:text-sm",
            !isWhole && isLong && "max-h-28 overflow-hidden",
          )}
        >
          <Markdown text={text} isGrowing={false} />
          {!isWhole && isLong && (
            <span
              aria-hidden
              className="absolute inset-x-0 bottom-0 h-8 bg-linear-to-t from-paper to-transparent"
            />
          )}
        </div>
        <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-soft">
          {isLong && (
            <button
              type="button"
              className="min-h-6 underline underline-offset-2"
              aria-expanded={isWhole}
              onClick={() => setWhole(!isWhole)}
            >
              {isWhole ? t("rank.showLess") : t("rank.showAll")}
            </button>
          )}
          {index > 0 && (
            <label className="inline-flex min-h-6 items-center gap-1.5">
              <input
                type="checkbox"
                checked={row.isTied}
                onChange={(event) => onTie(event.currentTarget.checked)}
              />
              {t("rank.tie")}
            </label>
          )}
        </div>
      </div>
      <div className="flex flex-col">
        <IconButton
          label={t("rank.up", { letter })}
          size="small"
          aria-disabled={index === 0}
          className="aria-disabled:opacity-40"
          onClick={() => onMove(index - 1)}
        >
          <ArrowUp />
        </IconButton>
        <IconButton
          label={t("rank.down", { letter })}
          size="small"
          aria-disabled={index === total - 1}
          className="aria-disabled:opacity-40"
          onClick={() => onMove(index + 1)}
        >
          <ArrowDown />
        </IconButton>
      </div>
    </li>
  );
}
