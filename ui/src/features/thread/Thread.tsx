import { ArrowDown } from "lucide-react";
import { Fragment, useLayoutEffect, useRef } from "react";

import { promptOf } from "@/core/comparing";
import { openThread } from "@/core/state";
import { runAtHead } from "@/core/tree";
import type { Turn } from "@/core/tree";
import { classes } from "@/shared/classes";
import { useT } from "@/shared/i18n/i18n";
import { useChat } from "@/shared/session";
import { Planks } from "@/shared/ui/Logo";

import { AssistantTurn } from "./AssistantTurn";
import { Earlier } from "./Earlier";
import { Unanswered } from "./Ending";
import { MemoryLine } from "./MemoryLine";
import { SideBySide } from "./SideBySide";
import { SelectionButton } from "./SelectionButton";
import { useFollow } from "./use-follow";
import { useSight } from "./use-sight";
import { useSought } from "./use-sought";
import { useDrawn, useTurns } from "./use-turns";
import { UserTurn } from "./UserTurn";

/** The open conversation: its messages, newest at the end. Give it a new `key` for another conversation. */
export default function Thread({ name }: { name: string }) {
  const t = useT();
  const pane = useRef<HTMLDivElement>(null);
  const rows = useRef<HTMLDivElement>(null);
  const spacer = useRef<HTMLDivElement>(null);
  const { isFar, hasNews, toEnd, toQuestion, toRow } = useFollow(name, { pane, rows, spacer });
  const all = useTurns();
  const compared = useCompared(all);
  // What follows the answers that stand side by side comes back with the one that is chosen.
  const turns = compared === null ? all : all.slice(0, compared.index + 1);
  const sight = useSight();
  const drawn = useDrawn(turns.length);
  const runKey = useChat((state) => runAtHead(openThread(state))?.key ?? null);
  // One's own question, and the answer to it, are what one wants to see.
  useLayoutEffect(() => {
    if (runKey !== null) toQuestion();
  }, [runKey, toQuestion]);
  const sought = useSought(rows, turns, toRow);
  const first = Math.min(drawn.first, sought);
  return (
    <div className="thread-fade relative min-h-0 flex-1">
      <section
        ref={pane}
        aria-label={t("thread.label")}
        tabIndex={-1}
        className="@container h-full overflow-y-auto outline-none"
      >
        <div ref={rows} className="column pt-6 pb-10">
          {drawn.isWaiting && first > 0 && <Earlier pane={pane} count={first} onMore={drawn.drawMore} />}
          {turns.slice(first).map((turn, index) => {
            const isLast = first + index === turns.length - 1;
            const isUnseen = sight.unseen.has(turn.ids[0] ?? "");
            return (
              <Fragment key={turn.key}>
                {sight.from !== null && turn.ids.includes(sight.from) && <MemoryLine sight={sight} />}
                {turn.role === "user" ? (
                  <UserTurn turn={turn} isUnseen={isUnseen} />
                ) : (
                  <AssistantTurn turn={turn} isLast={isLast} isUnseen={isUnseen} />
                )}
              </Fragment>
            );
          })}
          {compared === null ? (
            <>
              <Waiting />
              <Unanswered />
            </>
          ) : (
            <SideBySide key={compared.prompt} prompt={compared.prompt} order={compared.order} />
          )}
        </div>
        <div ref={spacer} aria-hidden data-screen-only />
      </section>
      <SelectionButton pane={pane} />
      <ToEnd isFar={isFar} hasNews={hasNews} onPress={() => toEnd("smooth")} />
    </div>
  );
}

interface Compared {
  /** The row of the message. */
  readonly index: number;
  readonly prompt: string;
  readonly order: readonly string[];
}

/** The message on the branch that is shown whose answers stand side by side. */
function useCompared(turns: readonly Turn[]): Compared | null {
  const comparison = useChat((state) => (state.open === null ? undefined : state.comparisons[state.open]));
  const prompt = useChat((state) =>
    comparison === undefined ? null : promptOf(openThread(state), comparison.question),
  );
  const index = prompt === null ? -1 : turns.findIndex((turn) => turn.ids.includes(prompt));
  if (comparison === undefined || prompt === null || index < 0) return null;
  return { index, prompt, order: comparison.models };
}

/** The way back to the newest words; it says so when there are some that were not seen. */
function ToEnd({ isFar, hasNews, onPress }: { isFar: boolean; hasNews: boolean; onPress: () => void }) {
  const t = useT();
  return (
    <button
      type="button"
      aria-label={hasNews ? t("thread.newBelow") : t("thread.toEnd")}
      tabIndex={isFar ? 0 : -1}
      aria-hidden={!isFar}
      onClick={onPress}
      className={classes(
        "absolute bottom-4 left-1/2 flex h-10 min-w-10 -translate-x-1/2 items-center justify-center gap-1.5 rounded-full border bg-card text-sm shadow-card transition-all hover:bg-hover",
        hasNews && "px-4",
        isFar ? "opacity-100" : "pointer-events-none translate-y-2 opacity-0",
      )}
    >
      <ArrowDown className={classes("size-[18px]", hasNews && "text-wood")} aria-hidden />
      {hasNews && t("thread.newBelow")}
    </button>
  );
}

/** Between the question and the first word. */
function Waiting() {
  const t = useT();
  const isWaiting = useChat((state) => runAtHead(openThread(state))?.hasOutput === false);
  if (!isWaiting) return null;
  return (
    <div className="row-enter py-3" role="img" aria-label={t("thread.waiting")}>
      <Planks />
    </div>
  );
}
