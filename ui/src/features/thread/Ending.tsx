import { RotateCcw } from "lucide-react";

import { isRunning, openThread } from "@/core/state";
import type { ResponseInfo } from "@/core/tree";
import type { WireError } from "@/core/wire";
import type { Key } from "@/shared/i18n/en";
import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";

type ErrorKey = Extract<Key, `error.${string}`>;

/** Errors that a person can do something about, in words of their own. */
const WORDS: Readonly<Record<string, ErrorKey>> = {
  unreachable: "error.unreachable",
  conversation_locked: "error.busy",
  context_length_exceeded: "error.tooLong",
  rate_limit_exceeded: "error.rateLimit",
  too_many_requests: "error.rateLimit",
  model_not_found: "error.modelGone",
};

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
  const known = error?.code ? WORDS[error.code] : undefined;
  return (
    <div className="row-enter mt-2 flex flex-wrap items-center justify-between gap-3 rounded-2xl bg-danger-soft px-4 py-3 text-sm">
      <div className="min-w-0 flex-1 leading-relaxed">
        <p>{known === undefined ? t("message.failed") : t(known)}</p>
        {known === undefined && error?.message && <p className="text-ink-soft">{error.message}</p>}
      </div>
      <RetryButton onRetry={onRetry} />
    </div>
  );
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
