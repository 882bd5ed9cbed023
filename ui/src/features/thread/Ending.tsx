import { FastForward, RotateCcw } from "lucide-react";

import { isRunning, openThread } from "@/core/state";
import type { ResponseInfo, Thread, Unanswered as HowUnanswered } from "@/core/tree";
import { pathTo } from "@/core/tree";
import type { WireError } from "@/core/wire";
import { errorKey } from "@/shared/errors";
import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";

type End = Pick<ResponseInfo, "status" | "error" | "reason">;

interface EndingProps {
  readonly info: End | undefined;
  readonly onRetry: () => void;
  /** Null where the answer cannot be gone on with. */
  readonly onGoOn: (() => void) | null;
}

/** How an answer ended, where that is worth a word: stopped, cut, interrupted, failed. */
export function Ending({ info, onRetry, onGoOn }: EndingProps) {
  const t = useT();
  if (info?.status === "failed") return <Failure error={info.error} onRetry={onRetry} onGoOn={onGoOn} />;
  if (info?.status !== "cancelled" && info?.status !== "incomplete") return null;
  return (
    <div className="mt-2 flex flex-wrap items-center gap-3 text-sm text-ink-soft">
      <p>{t(wordsOf(info))}</p>
      {onGoOn !== null && <GoOnButton onGoOn={onGoOn} />}
    </div>
  );
}

function wordsOf(info: End): "message.stopped" | "message.cut" | "message.interrupted" {
  if (info.status === "cancelled") return "message.stopped";
  return info.reason === "max_output_tokens" ? "message.cut" : "message.interrupted";
}

function GoOnButton({ onGoOn }: { onGoOn: () => void }) {
  const t = useT();
  return (
    <button type="button" className="button button-plain text-ink" onClick={onGoOn}>
      <FastForward className="size-4" aria-hidden />
      {t("message.goOn")}
    </button>
  );
}

/** In place of an answer that left no word. */
export function Unanswered() {
  const t = useT();
  const session = useSession();
  const head = useChat((state) => openThread(state).head);
  const unanswered = useChat((state) => (head === null ? undefined : openThread(state).unanswered[head]));
  const isBusy = useChat((state) => isRunning(state, state.open));
  if (head === null || unanswered === undefined || isBusy) return null;
  const retry = (): void => session.retry(head);
  if (unanswered.status === "failed") return <Failure error={unanswered.error} onRetry={retry} />;
  return (
    <div className="flex flex-wrap items-center gap-3 py-2 text-sm text-ink-soft">
      <span>{t(unansweredWords(unanswered.status))}</span>
      <RetryButton onRetry={retry} />
    </div>
  );
}

function unansweredWords(
  status: HowUnanswered["status"],
): "message.unanswered" | "message.stopped" | "message.interrupted" {
  if (status === "none") return "message.unanswered";
  return status === "cancelled" ? "message.stopped" : "message.interrupted";
}

function Failure({
  error,
  onRetry,
  onGoOn = null,
}: {
  error: WireError | null;
  onRetry: () => void;
  onGoOn?: (() => void) | null;
}) {
  const t = useT();
  const hasPins = useChat((state) => hasPinsIn(openThread(state)));
  let known = errorKey(error?.code);
  // What does not fit, and by how much, only the server knows.
  const isExplained = known === null || known === "error.tooLong";
  if (known === "error.tooLong" && hasPins) known = "error.tooLongPinned";
  return (
    <div className="row-enter mt-2 flex flex-wrap items-center justify-between gap-3 rounded-2xl bg-danger-soft px-4 py-3 text-sm">
      <div className="min-w-[min(12rem,100%)] flex-1 leading-relaxed">
        <p>{known === null ? t("message.failed") : t(known)}</p>
        {isExplained && error?.message && <p className="text-ink-soft">{error.message}</p>}
      </div>
      {onGoOn !== null && <GoOnButton onGoOn={onGoOn} />}
      <RetryButton onRetry={onRetry} />
    </div>
  );
}

function hasPinsIn(thread: Thread): boolean {
  return pathTo(thread, thread.head).some((id) => thread.nodes[id]?.isPinned);
}

function RetryButton({ onRetry }: { onRetry: () => void }) {
  const t = useT();
  return (
    <button type="button" className="button button-plain" onClick={onRetry}>
      <RotateCcw className="size-4" aria-hidden />
      {t("message.retry")}
    </button>
  );
}
