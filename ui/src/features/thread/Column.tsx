import { Check, Copy, Square } from "lucide-react";
import { memo } from "react";
import { useShallow } from "zustand/react/shallow";

import type { Column as Answer } from "@/core/columns";
import { LOCAL } from "@/core/runs";
import { isRunning, openThread } from "@/core/state";
import { textOf } from "@/core/tree";
import { COMPOSER_ID } from "@/shared/insert";
import { classes } from "@/shared/classes";
import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";
import { IconButton } from "@/shared/ui/IconButton";
import { Planks } from "@/shared/ui/Logo";
import { useCopy } from "@/shared/use-copy";

import { isBeingWritten } from "./being-written";
import { COLUMNS_ID } from "./columns-id";
import { Details } from "./Details";
import { Ending } from "./Ending";
import { Piece } from "./Piece";
import { Sources } from "./Sources";

interface ColumnProps {
  readonly column: Answer;
  /** The message that it answers. */
  readonly prompt: string;
  /** The chat goes on below it. */
  readonly isShown: boolean;
}

/** One of several answers that stand side by side. */
export const Column = memo(function Column({ column, prompt, isShown }: ColumnProps) {
  const t = useT();
  const session = useSession();
  const copy = useCopy();
  const { ids, lane, model, response } = column;
  const open = useChat((state) => state.open);
  const nodes = useChat(useShallow((state) => ids.flatMap((id) => openThread(state).nodes[id] ?? [])));
  const info = useChat((state) => (response === null ? undefined : openThread(state).responses[response]));
  const isGrowing = lane !== null;
  const text = nodes.map(textOf).filter(Boolean).join("\n\n");
  const first = ids[0];
  const ending =
    column.failure === null ? info : { ...column.failure.how, status: endOf(column), reason: null };

  function retry(): void {
    // What nobody took goes again as a whole; while another one may still take it, this answer waits for that.
    const isLeft = prompt.startsWith(LOCAL) && !isRunning(session.store.getState(), open);
    if (isLeft) session.retry(prompt);
    else session.comparing.askMore(prompt, [model]);
    // The button is gone, and the column with it until its model has begun anew.
    document.querySelector<HTMLElement>(`#${COLUMNS_ID}`)?.focus();
  }
  return (
    <article
      data-role="compared"
      tabIndex={-1}
      aria-label={t("compare.answerOf", { model })}
      aria-busy={isGrowing}
      className={classes(
        "flex min-w-0 flex-1 flex-col rounded-2xl border bg-card px-4 pt-2 pb-3",
        isShown && "border-wood/60",
      )}
    >
      <header className="flex min-h-9 items-center gap-2">
        <h3 className="min-w-0 flex-1 truncate text-sm font-medium">{model}</h3>
        {isShown && (
          <span className="shrink-0 rounded-full bg-wood-soft px-2 text-xs text-ink-soft">
            {t("compare.shown")}
          </span>
        )}
        {lane !== null && open !== null && !column.isStopping && (
          <IconButton
            ref={handOnFocus}
            label={t("compare.stopOne", { model })}
            size="small"
            onClick={() => session.comparing.stopOne(lane)}
          >
            <Square className="size-3! fill-current" />
          </IconButton>
        )}
      </header>
      <div className="min-w-0 flex-1">
        {nodes.map((node) => (
          <Piece
            key={node.id}
            node={node}
            isGrowing={isGrowing && isBeingWritten(node, nodes)}
            thinkingMs={null}
            isRaw={false}
          />
        ))}
        {isGrowing && text === "" && (
          <div className="py-3" role="img" aria-label={t("thread.waiting")}>
            <Planks />
          </div>
        )}
        <Sources nodes={nodes} />
        {!isGrowing && <Ending info={ending} onRetry={retry} onGoOn={null} />}
      </div>
      <footer className="mt-2 flex min-h-9 items-center gap-1">
        {first !== undefined && text !== "" && (
          <button
            type="button"
            className="button button-plain mr-auto px-2.5! text-[13px] whitespace-nowrap"
            onClick={() => {
              session.comparing.keep(first);
              document.querySelector<HTMLElement>(`#${COMPOSER_ID}`)?.focus();
            }}
          >
            {t("compare.keep")}
          </button>
        )}
        {!isGrowing && text !== "" && (
          <IconButton
            label={copy.isDone ? t("message.copied") : t("message.copy")}
            size="small"
            onClick={() => copy.run(text)}
          >
            {copy.isDone ? <Check /> : <Copy />}
          </IconButton>
        )}
        {!isGrowing && info !== undefined && <Details info={info} createdAt={nodes[0]?.createdAt ?? 0} />}
      </footer>
    </article>
  );
});

/** As the `ref` of a button that goes by itself: the focus in it stays at its column. */
function handOnFocus(button: HTMLButtonElement): () => void {
  return () => {
    if (document.activeElement === button) button.closest("article")?.focus();
  };
}

function endOf({ failure }: Answer): "failed" | "cancelled" | "incomplete" {
  const status = failure?.how.status;
  return status === "cancelled" || status === "incomplete" ? status : "failed";
}
