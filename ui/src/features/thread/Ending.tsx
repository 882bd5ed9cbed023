import { RotateCcw } from "lucide-react";

import { isRunning, openThread } from "@/core/state";
import type { ResponseInfo, Thread } from "@/core/tree";
import { pathTo } from "@/core/tree";
import type { WireError } from "@/core/wire";
import { errorKey } from "@/shared/errors";
import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";

/** How an answer ended, where that is worth a word: stopped, cut, interrupted, failed. */
export function Ending({ info, onRetry }: { info: ResponseInfo | undefined; onRetry: () => void }) {
  const t = useT();
  if (info?.status === "failed") return <Failure error={info.error} onRetry={onRetry} />;
  if (info?.status === "cancelled") return <Note words={t("message.stopped")} />;
  if (info?.status !== "incomplete") return null;
  return <Note words={info.reason === "max_output_tokens" ? t("message.cut") : t("message.interrupted")} />;
}

function Note({ words }: { words: string }) {
  return <p className="mt-2 text-sm text-ink-soft">{words}</p>;
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
      <span>{unanswered.status === "cancelled" ? t("message.stopped") : t("message.interrupted")}</span>
      <RetryButton onRetry={retry} />
    </div>
  );
}

function Failure({ error, onRetry }: { error: WireError | null; onRetry: () => void }) {
  const t = useT();
  const hasPins = useChat((state) => hasPinsIn(openThread(state)));
  let known = errorKey(error?.code);
  // What does not fit, and by how much, only the server knows.
  const isExplained = known === null || known === "error.tooLong";
  if (known === "error.tooLong" && hasPins) known = "error.tooLongPinned";
  return (
    <div className="row-enter mt-2 flex flex-wrap items-center justify-between gap-3 rounded-2xl bg-danger-soft px-4 py-3 text-sm">
      <div className="min-w-0 flex-1 leading-relaxed">
        <p>{known === null ? t("message.failed") : t(known)}</p>
        {isExplained && error?.message && <p className="text-ink-soft">{error.message}</p>}
      </div>
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
