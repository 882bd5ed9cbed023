import { ChevronRight, LoaderCircle, Pencil, RefreshCw, Trash2 } from "lucide-react";
import { AlertDialog } from "radix-ui";
import { useState } from "react";

import type { Summary } from "@/core/tree";
import { useT } from "@/shared/i18n/i18n";
import { useSession } from "@/shared/session";
import { Confirm } from "@/shared/ui/Confirm";
import { useFocusBack } from "@/shared/ui/focus";
import { TextButton } from "@/shared/ui/TextButton";
import { Trouble } from "@/shared/ui/Trouble";

import { SummaryEditor } from "./SummaryEditor";

interface SummaryProps {
  readonly summary: Summary;
  /** The newest answer was written with it. */
  readonly isShown: boolean;
  readonly onDeleted: () => void;
}

/** What the model is told in the place of the messages above: open it, change it, have it written again, delete it. */
export function SummaryFold(props: SummaryProps) {
  const t = useT();
  return (
    <details className="group/fold mb-4 rounded-2xl border bg-card text-sm">
      <summary className="flex cursor-pointer list-none items-center gap-1.5 rounded-2xl px-3.5 py-2.5 text-ink-soft hover:text-ink pointer-coarse:py-3">
        <ChevronRight className="size-4 transition-transform group-open/fold:rotate-90" aria-hidden />
        {t("summary.title")}
      </summary>
      <div className="px-4 pb-3">
        <Inside {...props} />
      </div>
    </details>
  );
}

function Inside({ summary, isShown, onDeleted }: SummaryProps) {
  const t = useT();
  const { memory } = useSession();
  const [isEditing, setEditing] = useState(false);
  const [isRenewing, setRenewing] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [pencil, focusPencil] = useFocusBack();
  function endEditing(): void {
    focusPencil();
    setEditing(false);
  }
  async function renew(): Promise<void> {
    setError(null);
    setRenewing(true);
    try {
      await memory.renewSummary(summary.id);
    } catch (refused) {
      setError(refused);
    } finally {
      setRenewing(false);
    }
  }
  async function remove(): Promise<void> {
    setError(null);
    try {
      await memory.deleteSummary(summary.id);
      onDeleted();
    } catch (refused) {
      setError(refused);
    }
  }
  if (isEditing) return <SummaryEditor summary={summary} onEnd={endEditing} />;
  return (
    <>
      {/* As it is, letter for letter: it is what the model is told. */}
      <p className="leading-relaxed whitespace-pre-wrap" aria-busy={isRenewing}>
        {summary.text}
      </p>
      <p className="mt-2.5 text-xs leading-relaxed text-ink-soft">
        {summary.isEdited ? t("summary.edited") : t("summary.by", { model: summary.model })}{" "}
        {isShown ? t("summary.shown") : t("summary.notShown")}
      </p>
      <div className="mt-1.5 -ml-2.5 flex flex-wrap items-center">
        <TextButton ref={pencil} aria-disabled={isRenewing} onClick={() => !isRenewing && setEditing(true)}>
          <Pencil aria-hidden />
          {t("summary.edit")}
        </TextButton>
        <TextButton aria-disabled={isRenewing} onClick={() => !isRenewing && void renew()}>
          {isRenewing ? <LoaderCircle className="animate-spin" aria-hidden /> : <RefreshCw aria-hidden />}
          {isRenewing ? t("summary.renewing") : t("summary.renew")}
        </TextButton>
        <AlertDialog.Root>
          <AlertDialog.Trigger asChild>
            <TextButton disabled={isRenewing}>
              <Trash2 aria-hidden />
              {t("summary.delete")}
            </TextButton>
          </AlertDialog.Trigger>
          <Confirm
            title={t("summary.deleteTitle")}
            body={t("summary.deleteBody")}
            keep={t("summary.deleteKeep")}
            confirm={t("summary.delete")}
            onConfirm={() => void remove()}
          />
        </AlertDialog.Root>
      </div>
      {error !== null && <Trouble what={t("summary.failed")} error={error} />}
    </>
  );
}
