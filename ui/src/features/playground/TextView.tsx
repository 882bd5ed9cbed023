import { Redo2, RotateCw, Undo2 } from "lucide-react";
import type { KeyboardEvent } from "react";
import { useEffect, useLayoutEffect, useRef } from "react";

import { ApiError } from "@/core/api";
import { pieces } from "@/core/sheet";
import { keysOf } from "@/shared/commands";
import { useT } from "@/shared/i18n/i18n";
import { isForIme } from "@/shared/ime";
import { COMPOSER_ID } from "@/shared/insert";
import { isTouchOnly } from "@/shared/media";
import { useSession } from "@/shared/session";
import { IconButton } from "@/shared/ui/IconButton";
import { Trouble } from "@/shared/ui/Trouble";

import type { Run } from "./desk";
import { generate, redo, regenerate, undo, useDesk, write } from "./desk";
import { StopButton } from "./StopButton";

/** How near the end of the text somebody follows it. */
const NEAR_PX = 48;
const TOO_LONG = "context_length_exceeded";

export function TextView({ model }: { model: string | null }) {
  const session = useSession();
  function onKeyDown(event: KeyboardEvent): void {
    if (isForIme(event.nativeEvent)) return;
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || model === null) return;
    event.preventDefault();
    void generate(session, model);
  }
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- hears the keys of what is in it
    <div className="flex min-h-0 flex-1 flex-col gap-3" onKeyDown={onKeyDown}>
      <Paper />
      <Bar model={model} />
    </div>
  );
}

/** The text itself: a box to write in, and below it the same words, on which the model's are coloured. */
function Paper() {
  const t = useT();
  const page = useDesk((desk) => desk.sheet.page);
  const isRunning = useDesk((desk) => desk.run.kind === "running");
  const scroller = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLTextAreaElement>(null);
  const follows = useRef(true);
  // Synchronises the scroll with what is written, for whoever was at the end of it.
  useLayoutEffect(() => {
    const { current } = scroller;
    if (current !== null && isRunning && follows.current) current.scrollTop = current.scrollHeight;
  }, [page.text, isRunning]);
  // Synchronises the focus with the view; a finger's keyboard would cover half of it, and arrows go on through the views.
  useEffect(() => {
    if (isTouchOnly() || document.activeElement?.matches("[type=radio]") === true) return;
    box.current?.focus();
    box.current?.setSelectionRange(box.current.value.length, box.current.value.length);
  }, []);
  return (
    <div
      ref={scroller}
      className="min-h-48 flex-1 overflow-y-auto rounded-2xl border bg-card shadow-card focus-within:border-wood/60"
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        follows.current = scrollHeight - scrollTop - clientHeight < NEAR_PX;
      }}
    >
      <div className="sheet grid min-h-full">
        <div aria-hidden className="pointer-events-none text-transparent">
          {pieces(page).map((piece, index) => (
            // Nothing in them is kept.
            // oxlint-disable-next-line react/no-array-index-key
            <span key={index} className={piece.isModels ? "written" : undefined}>
              {piece.text}
            </span>
          ))}
          {"\u200b"}
        </div>
        <textarea
          ref={box}
          id={COMPOSER_ID}
          aria-label={t("playground.text")}
          value={page.text}
          readOnly={isRunning}
          aria-busy={isRunning}
          spellCheck={false}
          placeholder={t("playground.placeholder")}
          className="resize-none overflow-hidden bg-transparent outline-none"
          onChange={(event) => write(event.currentTarget.value)}
        />
      </div>
    </div>
  );
}

/** What cannot be done now keeps its button open, which may have the focus. */
function Bar({ model }: { model: string | null }) {
  const t = useT();
  const session = useSession();
  const run = useDesk((desk) => desk.run);
  const hasText = useDesk((desk) => desk.sheet.page.text !== "");
  const hasPast = useDesk((desk) => desk.sheet.past.length > 0);
  const hasFuture = useDesk((desk) => desk.sheet.future.length > 0);
  const hasBase = useDesk((desk) => desk.sheet.page.base !== null);
  const isRunning = run.kind === "running";
  const canRun = model !== null && !isRunning && hasText;
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-2">
      <button
        type="button"
        className="button button-wood min-w-28"
        aria-keyshortcuts="Control+Enter Meta+Enter"
        aria-disabled={!canRun}
        onClick={() => canRun && void generate(session, model)}
      >
        {t("playground.generate")}
        <kbd className="font-sans text-xs opacity-80 pointer-coarse:hidden" aria-hidden>
          {keysOf("↵")}
        </kbd>
      </button>
      <IconButton
        label={t("playground.regenerate")}
        aria-disabled={!canRun || !hasBase}
        onClick={() => canRun && hasBase && void regenerate(session, model)}
      >
        <RotateCw />
      </IconButton>
      <IconButton label={t("playground.undo")} aria-disabled={isRunning || !hasPast} onClick={undo}>
        <Undo2 />
      </IconButton>
      <IconButton label={t("playground.redo")} aria-disabled={isRunning || !hasFuture} onClick={redo}>
        <Redo2 />
      </IconButton>
      <StopButton />
      <Outcome run={run} />
    </div>
  );
}

function Outcome({ run }: { run: Run }) {
  const t = useT();
  const hasWritten = useDesk((desk) => desk.sheet.page.written.length > 0);
  return (
    <div className="flex min-w-0 flex-1 basis-60 flex-wrap items-center gap-x-4 gap-y-1 text-xs lg:justify-end text-ink-soft">
      {hasWritten && (
        <span>
          <span className="written mr-1.5 inline-block h-3 w-5 rounded-xs align-[-1px]" aria-hidden />
          {t("playground.written")}
        </span>
      )}
      {run.kind === "ended" && run.usage !== null && <span>{t("playground.usage", run.usage)}</span>}
      <span role="status">{wordsOf(run, t)}</span>
      {run.kind === "failed" && <Failure error={run.error} />}
    </div>
  );
}

function Failure({ error }: { error: unknown }) {
  const t = useT();
  if (!(error instanceof ApiError && error.code === TOO_LONG)) {
    return <Trouble what={t("playground.failed")} error={error} />;
  }
  // What is said of a chat in this case does not help here.
  return (
    <p role="alert" className="text-sm text-danger">
      {t("playground.tooLong")}
    </p>
  );
}

function wordsOf(run: Run, t: ReturnType<typeof useT>): string {
  switch (run.kind) {
    case "running":
    case "stopped":
      return t(`playground.${run.kind}`);
    case "ended":
      if (run.end === "length") return t("playground.goOn");
      if (run.end === "content_filter") return t("playground.filtered");
      return t(run.isEmpty ? "playground.empty" : "playground.ended");
    default:
      return "";
  }
}
