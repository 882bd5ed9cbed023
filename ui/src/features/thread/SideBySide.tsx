import { ListOrdered, SquareStack } from "lucide-react";
import { useLayoutEffect, useRef, useState } from "react";
import type { RefObject } from "react";

import { columnKeeper, columnsOf } from "@/core/columns";
import { isKept, isRunning, openThread } from "@/core/state";
import { pathTo } from "@/core/tree";
import { COMPOSER_ID } from "@/shared/insert";
import { openDialog } from "@/shared/dialogs";
import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";

import { Column } from "./Column";
import { COLUMNS_ID } from "./columns-id";

/** All answers to the message `prompt`, each in a column of its own; on a phone one swipes from one to the next. */
export function SideBySide({ prompt, order }: { prompt: string; order: readonly string[] }) {
  const t = useT();
  const session = useSession();
  const [keep] = useState(() => columnKeeper());
  const columns = useChat((state) => keep(columnsOf(openThread(state), prompt, order)));
  const shown = useChat((state) => {
    const thread = openThread(state);
    const path = pathTo(thread, thread.head);
    return path[path.indexOf(prompt) + 1] ?? null;
  });
  const isBusy = useChat((state) => isRunning(state, state.open));
  const isHeld = useChat(isKept);
  const row = useRef<HTMLUListElement>(null);
  const isWide = useIsWide(row, columns.length);
  const answered = columns.filter(({ ids }) => ids.length > 0).length;
  return (
    <section
      id={COLUMNS_ID}
      tabIndex={-1}
      aria-label={t("compare.label")}
      className="side-by-side row-enter py-3 outline-none"
    >
      {isWide && (
        <div className="mb-2 flex gap-1.5 overflow-x-auto p-1">
          {columns.map((column, index) => (
            <button
              key={column.key}
              type="button"
              className="shrink-0 rounded-full border bg-card px-3 py-1.5 text-xs text-ink-soft hover:bg-hover pointer-coarse:min-h-10"
              onClick={() => showColumn(row.current, index)}
            >
              {column.model}
            </button>
          ))}
        </div>
      )}
      <ul ref={row} className="flex snap-x snap-mandatory items-start gap-3 overflow-x-auto p-1 md:snap-none">
        {columns.map((column) => (
          <li key={column.key} className="flex w-[88%] shrink-0 snap-center md:w-auto md:min-w-68 md:flex-1">
            <Column column={column} prompt={prompt} isShown={shown !== null && column.ids.includes(shown)} />
          </li>
        ))}
      </ul>
      <div className="mt-2 flex flex-wrap justify-center gap-2">
        {isHeld && (
          <button
            type="button"
            className="button button-plain"
            disabled={isBusy || answered < 2}
            onClick={() => openDialog({ kind: "rank", prompt })}
          >
            <ListOrdered className="size-4" aria-hidden />
            {t("compare.rank")}
          </button>
        )}
        <button
          type="button"
          className="button button-plain"
          onClick={() => {
            session.comparing.close();
            document.querySelector<HTMLElement>(`#${COMPOSER_ID}`)?.focus();
          }}
        >
          <SquareStack className="size-4" aria-hidden />
          {t("compare.close")}
        </button>
      </div>
    </section>
  );
}

/** Whether a row is wider than what is seen of it, by the width of the page and by what stands in it. */
function useIsWide(row: RefObject<HTMLElement | null>, count: number): boolean {
  const [isWide, setWide] = useState(false);
  useLayoutEffect(() => {
    const shown = row.current;
    if (shown === null) return;
    const measure = (): void => setWide(shown.scrollWidth > shown.clientWidth + 1);
    measure();
    const width = new ResizeObserver(measure);
    width.observe(shown);
    return () => width.disconnect();
  }, [row, count]);
  return isWide;
}

function showColumn(row: HTMLElement | null, index: number): void {
  row?.children[index]?.scrollIntoView({ behavior: "smooth", block: "nearest", inline: "center" });
}
