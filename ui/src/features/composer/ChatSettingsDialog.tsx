import type { ReactNode } from "react";
import { useId, useState } from "react";

import { HOTTEST, LEAST_TOKENS, MOST_CHARS } from "@/core/chat-settings";
import { chatSettings, isTemporaryNow } from "@/core/state";
import { closeDialog, closerOfThis } from "@/shared/dialogs";
import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";
import { Trouble } from "@/shared/ui/Trouble";
import { Window } from "@/shared/ui/Window";

const FIELD = "w-full rounded-xl border bg-paper px-3 py-2 outline-none focus:border-wood/60";

/** Instructions and numbers of one chat. */
export default function ChatSettingsDialog() {
  const t = useT();
  const session = useSession();
  const isOff = useChat(isTemporaryNow);
  const before = useChat((state) => chatSettings(state, state.open));
  const [instructions, setInstructions] = useState(before.instructions);
  const [temperature, setTemperature] = useState(text(before.temperature));
  const [maxTokens, setMaxTokens] = useState(text(before.maxTokens));
  const [isCustomOff, setCustomOff] = useState(before.isCustomOff);
  const [error, setError] = useState<unknown>(null);
  async function save(): Promise<void> {
    const close = closerOfThis();
    try {
      await session.settings.keep({
        instructions: instructions.trim(),
        temperature: numberOf(temperature),
        maxTokens: numberOf(maxTokens),
        isCustomOff,
      });
      close();
    } catch (refused) {
      setError(refused);
    }
  }
  return (
    <Window title={t("chat.settings")} lead={t(isOff ? "chat.settingsLeadOff" : "chat.settingsLead")}>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Field label={t("chat.instructions")}>
          {(id) => (
            <textarea
              id={id}
              value={instructions}
              rows={4}
              maxLength={MOST_CHARS}
              placeholder={t("chat.instructionsExample")}
              className={`${FIELD} field-sizing-content max-h-[40dvh] min-h-24 resize-none leading-relaxed`}
              onChange={(event) => setInstructions(event.currentTarget.value)}
            />
          )}
        </Field>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("chat.temperature")} hint={t("chat.temperatureHint")}>
            {(id, hint) => (
              <input
                id={id}
                aria-describedby={hint}
                type="number"
                min={0}
                max={HOTTEST}
                step={0.1}
                value={temperature}
                placeholder={t("chat.modelsOwn")}
                className={FIELD}
                onChange={(event) => setTemperature(event.currentTarget.value)}
              />
            )}
          </Field>
          <Field label={t("chat.maxTokens")} hint={t("chat.maxTokensHint", { least: LEAST_TOKENS })}>
            {(id, hint) => (
              <input
                id={id}
                aria-describedby={hint}
                type="number"
                min={LEAST_TOKENS}
                step={1}
                value={maxTokens}
                placeholder={t("chat.asManyAsFit")}
                className={FIELD}
                onChange={(event) => setMaxTokens(event.currentTarget.value)}
              />
            )}
          </Field>
        </div>
        <label className="flex items-center gap-2.5 text-sm">
          <input
            type="checkbox"
            className="size-4 accent-wood"
            checked={!isCustomOff}
            onChange={(event) => setCustomOff(!event.currentTarget.checked)}
          />
          {t("custom.inThisChat")}
        </label>
        {error !== null && <Trouble what={t("chat.settingsFailed")} error={error} />}
        <div className="flex justify-end gap-2">
          <button type="button" className="button button-plain" onClick={closeDialog}>
            {t("chat.cancel")}
          </button>
          <button type="submit" className="button button-wood">
            {t("chat.save")}
          </button>
        </div>
      </form>
    </Window>
  );
}

interface FieldProps {
  readonly label: string;
  readonly hint?: string;
  /** Draws the field, given its id and that of the hint. */
  readonly children: (id: string, hint: string) => ReactNode;
}

function Field({ label, hint, children }: FieldProps) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium">
        {label}
      </label>
      {children(id, `${id}-hint`)}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="mt-1.5 text-xs leading-relaxed text-ink-soft">
          {hint}
        </p>
      )}
    </div>
  );
}

function text(number: number | null): string {
  return number === null ? "" : String(number);
}

function numberOf(written: string): number | null {
  return written.trim() === "" ? null : Number(written);
}
