import { useState } from "react";

import type { Summary } from "@/core/tree";
import { useT } from "@/shared/i18n/i18n";
import { isForIme } from "@/shared/ime";
import { useSession } from "@/shared/session";
import { focusEnd } from "@/shared/ui/focus";
import { Trouble } from "@/shared/ui/Trouble";

/** The text of a summary, to be changed in its place. What was typed stays when the server refuses it. */
export function SummaryEditor({ summary, onEnd }: { summary: Summary; onEnd: () => void }) {
  const t = useT();
  const { memory } = useSession();
  const [words, setWords] = useState(summary.text);
  const [isSaving, setSaving] = useState(false);
  const [error, setError] = useState<unknown>(null);
  async function save(): Promise<void> {
    if (isSaving || words.trim() === "") return;
    if (words === summary.text) {
      onEnd();
      return;
    }
    setSaving(true);
    setError(null);
    try {
      await memory.changeSummary(summary.id, words.trim());
      onEnd();
    } catch (refused) {
      setError(refused);
      setSaving(false);
    }
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <textarea
        ref={focusEnd}
        value={words}
        rows={4}
        aria-label={t("summary.editLabel")}
        className="block field-sizing-content max-h-[50dvh] min-h-28 w-full resize-y rounded-lg border bg-paper px-3 py-2 text-sm leading-relaxed max-md:text-base"
        onChange={(event) => setWords(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (isForIme(event.nativeEvent)) return;
          if (event.key === "Escape") {
            event.stopPropagation();
            onEnd();
          }
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void save();
        }}
      />
      {error !== null && <Trouble what={t("summary.failed")} error={error} />}
      <div className="mt-2 flex justify-end gap-2">
        <button type="button" className="button button-plain" onClick={onEnd}>
          {t("summary.cancel")}
        </button>
        <button type="submit" className="button button-wood" disabled={isSaving || words.trim() === ""}>
          {t("summary.save")}
        </button>
      </div>
    </form>
  );
}
