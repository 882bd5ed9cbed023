import { useState } from "react";

import { OF_NEW_CHAT } from "@/core/chat-settings";
import { FEWEST, MOST } from "@/core/comparing";
import { isReady, modelInUse, openThread } from "@/core/state";
import { COMPOSER_ID } from "@/shared/insert";
import { closeDialog, forgetOpener } from "@/shared/dialogs";
import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";
import { Window } from "@/shared/ui/Window";

/** Which models answer: the next question (null), or the message `prompt` once more. */
export default function CompareDialog({ prompt }: { prompt: string | null }) {
  const t = useT();
  const session = useSession();
  const models = useChat((state) => state.models);
  const running = useChat((state) => Object.keys(openThread(state).runs).length);
  const [chosen, setChosen] = useState<readonly string[]>(() =>
    firstChoice(session.store.getState(), prompt),
  );
  const most = prompt === null ? MOST : MOST - running;
  const isEnough = chosen.length >= (prompt === null ? FEWEST : 1) && chosen.length <= most;

  function toggle(id: string): void {
    setChosen(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  }
  function start(): void {
    if (prompt === null) {
      session.comparing.choose(chosen);
    } else {
      session.comparing.askMore(prompt, chosen);
    }
    forgetOpener(document.querySelector<HTMLElement>(`#${COMPOSER_ID}`));
    closeDialog();
  }
  return (
    <Window title={t("compare.title")} lead={t(prompt === null ? "compare.lead" : "compare.leadMore")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isEnough) start();
        }}
      >
        <fieldset>
          <legend className="mb-1.5 text-sm text-ink-soft">
            {prompt === null ? t("compare.howMany", { most }) : t("compare.howManyMore", { most })}
          </legend>
          <ul className="space-y-1">
            {models.map((model) => {
              const isChosen = chosen.includes(model.id);
              const isFull = !isChosen && chosen.length >= most;
              return (
                <li key={model.id}>
                  <label className="flex items-center gap-3 rounded-xl border px-3.5 py-2.5 transition-colors hover:bg-hover has-checked:border-wood/60 has-checked:bg-wood-soft has-disabled:opacity-50">
                    <input
                      type="checkbox"
                      className="size-4 shrink-0 accent-wood"
                      checked={isChosen}
                      disabled={!isReady(model) || isFull}
                      onChange={() => toggle(model.id)}
                    />
                    <span className="min-w-0 flex-1 truncate">{model.id}</span>
                    {!isReady(model) && (
                      <span className="text-xs text-ink-soft">
                        {t(model["maru:state"] === "loading" ? "model.loading" : "model.failed")}
                      </span>
                    )}
                  </label>
                </li>
              );
            })}
          </ul>
        </fieldset>
        <div className="sticky -bottom-5 -mx-5 mt-2 -mb-5 flex justify-end gap-2 rounded-b-2xl border-t bg-card px-5 py-3">
          <button type="button" className="button button-plain" onClick={closeDialog}>
            {t("compare.cancel")}
          </button>
          <button type="submit" className="button button-wood" disabled={!isEnough}>
            {t("compare.start")}
          </button>
        </div>
      </form>
    </Window>
  );
}

/** What was chosen before, or the model in use. */
function firstChoice(state: Parameters<typeof openThread>[0], prompt: string | null): readonly string[] {
  if (prompt !== null) return [];
  const before = state.comparedModels[state.open ?? OF_NEW_CHAT];
  const one = modelInUse(state);
  if (before !== undefined) return before;
  return one !== undefined && isReady(one) ? [one.id] : [];
}
