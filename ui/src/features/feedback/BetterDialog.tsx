import { useState } from "react";

import { openThread } from "@/core/state";
import { textOf } from "@/core/tree";
import { closeDialog, closerOfThis } from "@/shared/dialogs";
import { useSpeech } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";
import { focusEnd } from "@/shared/ui/focus";
import { Trouble } from "@/shared/ui/Trouble";
import { Window } from "@/shared/ui/Window";
import { useAttempt } from "@/shared/use-attempt";

const LONGEST = 100_000;

/** What the answer `item` should have been; begins with the answer itself, because a small change is often enough. */
export default function BetterDialog({ item }: { item: string }) {
  const { locale, t } = useSpeech();
  const { feedback } = useSession();
  const kept = useChat((state) => openThread(state).feedback.demonstrations[item]);
  const answer = useChat((state) => textOf(openThread(state).nodes[item]));
  const [words, setWords] = useState(kept ?? answer);
  const attempt = useAttempt();
  const canSave = words.trim() !== "" && words.length <= LONGEST && words !== (kept ?? answer);
  async function keep(text: string | null): Promise<void> {
    const close = closerOfThis();
    if (await attempt.run(() => feedback.demonstrate(item, text))) close();
  }
  const number = new Intl.NumberFormat(locale);
  return (
    <Window title={t("better.title")} lead={t("better.lead")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (canSave) void keep(words);
        }}
      >
        <textarea
          ref={focusEnd}
          aria-label={t("better.label")}
          rows={8}
          value={words}
          className="block field-sizing-content max-h-[50dvh] min-h-40 w-full resize-none rounded-xl border bg-paper px-3.5 py-2.5 text-base leading-relaxed"
          onChange={(event) => setWords(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && canSave) void keep(words);
          }}
        />
        {words.length > LONGEST && (
          <p role="alert" className="mt-1 text-sm text-danger">
            {t("better.tooLong", { count: number.format(words.length), most: number.format(LONGEST) })}
          </p>
        )}
        {attempt.error !== null && <Trouble what={t("rating.failed")} error={attempt.error} />}
        <div className="mt-4 flex flex-wrap justify-end gap-2">
          {kept !== undefined && (
            <button type="button" className="button button-plain mr-auto" onClick={() => void keep(null)}>
              {t("better.remove")}
            </button>
          )}
          <button type="button" className="button button-plain" onClick={closeDialog}>
            {t("better.cancel")}
          </button>
          <button type="submit" className="button button-wood" disabled={!canSave}>
            {t("better.save")}
          </button>
        </div>
      </form>
    </Window>
  );
}
