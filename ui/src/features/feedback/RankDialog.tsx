import { LoaderCircle, Plus } from "lucide-react";
import type { PointerEvent } from "react";
import { useRef, useState } from "react";
import { useShallow } from "zustand/react/shallow";

import { answersTo } from "@/core/feedback";
import type { RankedRow } from "@/core/ranking";
import { movedRow, numbersOf, placesOf, rowsOf, tied } from "@/core/ranking";
import { isRunning, openThread } from "@/core/state";
import { closeDialog, closerOfThis } from "@/shared/dialogs";
import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";
import { TextButton } from "@/shared/ui/TextButton";
import { Trouble } from "@/shared/ui/Trouble";
import { Window } from "@/shared/ui/Window";
import { useAttempt } from "@/shared/use-attempt";

import { RankRow } from "./RankRow";

/** The answers to one message, to be put in order. */
export default function RankDialog({ prompt }: { prompt: string }) {
  const t = useT();
  const session = useSession();
  const items = useChat(useShallow((state) => answersTo(openThread(state), prompt).map(({ item }) => item)));
  const kept = useChat((state) => openThread(state).feedback.rankings[prompt]);
  const first = useChat((state) => answersTo(openThread(state), prompt)[0]?.first);
  const isBusy = useChat((state) => isRunning(state, state.open));
  const growing = useChat((state) => growingAnswer(state, prompt));
  const [order, setOrder] = useState(() => rowsOf(kept ?? [], items));
  const [told, setTold] = useState("");
  const list = useRef<HTMLOListElement>(null);
  const [dragged, setDragged] = useState<string | null>(null);
  const attempt = useAttempt();
  // Answers that came since, and not those that are gone; one that is still being written cannot be judged.
  const rows = rowsOf(
    placesOf(order),
    items.filter((item) => item !== growing),
  );
  const numbers = numbersOf(rows);
  const letter = (item: string): string => String.fromCodePoint(65 + items.indexOf(item));

  function take(next: readonly RankedRow[], item: string): void {
    const index = next.findIndex((row) => row.item === item);
    setOrder([...next]);
    const place = numbersOf(next)[index] ?? 1;
    setTold(
      next[index]?.isTied === true
        ? t("rank.tied", { letter: letter(item), place })
        : t("rank.moved", { letter: letter(item), place, total: next.length }),
    );
  }
  function drag(event: PointerEvent<HTMLOListElement>): void {
    const from = rows.findIndex((row) => row.item === dragged);
    const to = indexAt(event.currentTarget, event.clientY);
    if (dragged !== null && from >= 0 && to !== null && to !== from) take(movedRow(rows, from, to), dragged);
  }
  async function keep(places: string[][] | null): Promise<void> {
    const close = closerOfThis();
    if (await attempt.run(() => session.feedback.rank(prompt, places))) close();
  }
  return (
    <Window title={t("rank.title")} lead={t("rank.lead")}>
      <ol
        ref={list}
        aria-label={t("rank.list")}
        className="mt-1 space-y-2"
        onPointerMove={drag}
        onLostPointerCapture={() => setDragged(null)}
      >
        {rows.map((row, index) => (
          <RankRow
            key={row.item}
            row={row}
            letter={letter(row.item)}
            index={index}
            total={rows.length}
            place={numbers[index] ?? 1}
            isDragged={row.item === dragged}
            // The list holds the pointer: a row that moves would lose it.
            onGrab={(pointer) => {
              list.current?.setPointerCapture(pointer);
              setDragged(row.item);
            }}
            onMove={(to) => take(movedRow(rows, index, to), row.item)}
            onTie={(isTied) => take(tied(rows, index, isTied), row.item)}
          />
        ))}
      </ol>
      {growing !== null && (
        <p className="mt-3 flex items-center gap-2 text-sm text-ink-soft">
          <LoaderCircle className="size-4 animate-spin text-wood" aria-hidden />
          {t("rank.asking")}
        </p>
      )}
      {rows.length < 2 && growing === null && <p className="mt-3 text-sm text-ink-soft">{t("rank.few")}</p>}
      <div className="-ml-2.5 mt-2">
        <TextButton
          aria-disabled={isBusy || first === undefined}
          onClick={() => !isBusy && first !== undefined && session.regenerate(first)}
        >
          <Plus aria-hidden />
          {t("rank.more")}
        </TextButton>
      </div>
      <p role="status" className="sr-only">
        {told}
      </p>
      {attempt.error !== null && <Trouble what={t("rating.failed")} error={attempt.error} />}
      <div className="mt-4 flex flex-wrap justify-end gap-2">
        {kept !== undefined && (
          <button type="button" className="button button-plain mr-auto" onClick={() => void keep(null)}>
            {t("rank.remove")}
          </button>
        )}
        <button type="button" className="button button-plain" onClick={closeDialog}>
          {t("rank.cancel")}
        </button>
        <button
          type="button"
          className="button button-wood"
          disabled={rows.length < 2}
          onClick={() => void keep(placesOf(rows))}
        >
          {t("rank.save")}
        </button>
      </div>
    </Window>
  );
}

/** The answer that is being written below this message: its item, or "" while it has none; null: none is. */
function growingAnswer(state: Parameters<typeof openThread>[0], prompt: string): string | null {
  const thread = openThread(state);
  const run = Object.values(thread.runs)[0];
  if (run === undefined) return null;
  const mine = answersTo(thread, prompt).find((answer) => answer.response === run.responseId);
  return mine?.item ?? "";
}

/** Over which row of the list the finger is. */
function indexAt(list: HTMLElement, y: number): number | null {
  const index = [...list.children].findIndex((row) => {
    const box = row.getBoundingClientRect();
    // The middle half of a row, so that a tall one does not jump to and fro under the finger.
    return y > box.top + box.height / 4 && y < box.bottom - box.height / 4;
  });
  return index < 0 ? null : index;
}
