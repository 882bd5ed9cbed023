import { useEffect, useState } from "react";

import { closeDialog, closerOfThis } from "@/shared/dialogs";
import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";
import { focusEnd } from "@/shared/ui/focus";
import { Trouble } from "@/shared/ui/Trouble";
import { Window } from "@/shared/ui/Window";

import { FactField, isFact } from "./FactField";
import { oneLine } from "./one-line";
import { useAttempt } from "@/shared/use-attempt";

/** What was said, to be made a fact for all conversations; nothing is kept before the person says so. */
export default function RememberDialog({ said }: { said: string }) {
  const t = useT();
  const { memory } = useSession();
  const { state, isOn, longest } = useChat((chat) => chat.facts);
  const [text, setText] = useState(() => oneLine(said));
  const attempt = useAttempt();
  // Synchronises with whether memory is on now.
  useEffect(() => void memory.loadFacts(), [memory]);
  const mustTurnOn = state === "ready" && !isOn;
  const canKeep = state === "ready" && isFact(text, longest);
  async function keep(): Promise<void> {
    if (!canKeep) return;
    const close = closerOfThis();
    const isKept = await attempt.run(async () => {
      if (mustTurnOn) await memory.turnFacts(true);
      await memory.addFact(oneLine(text), true);
    });
    if (isKept) close();
  }
  return (
    <Window title={t("remember.title")} lead={t("remember.lead")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void keep();
        }}
      >
        <FactField
          ref={focusEnd}
          label={t("remember.label")}
          rows={2}
          value={text}
          longest={longest}
          onChange={setText}
          onEnter={() => void keep()}
        />
        {mustTurnOn && <p className="mt-2 text-sm text-ink-soft">{t("remember.isOff")}</p>}
        {state === "failed" && <Trouble what={t("facts.loadFailed")} error={null} />}
        {attempt.error !== null && <Trouble what={t("facts.failed")} error={attempt.error} />}
        <div className="mt-4 flex flex-wrap justify-end gap-2">
          <button type="button" className="button button-plain" onClick={closeDialog}>
            {t("remember.cancel")}
          </button>
          <button type="submit" className="button button-wood" disabled={!canKeep}>
            {mustTurnOn ? t("remember.turnOn") : t("remember.add")}
          </button>
        </div>
      </form>
    </Window>
  );
}
