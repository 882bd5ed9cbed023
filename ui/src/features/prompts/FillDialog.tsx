import { useId, useState } from "react";

import { filled, variablesIn } from "@/core/prompt-text";
import { closeDialog } from "@/shared/dialogs";
import { useT } from "@/shared/i18n/i18n";
import { isForIme } from "@/shared/ime";
import { isTouchOnly } from "@/shared/media";
import { useChat } from "@/shared/session";
import { Window } from "@/shared/ui/Window";

import { putInBox } from "./use-prompt";

/** What stands in the places of a prompt; then its words are in the box. */
export default function FillDialog({ prompt }: { prompt: string }) {
  const t = useT();
  const found = useChat((state) => state.prompts.list.find((one) => one.id === prompt));
  const id = useId();
  const text = found?.text ?? "";
  const variables = variablesIn(text);
  const [values, setValues] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(variables.map(({ name, preset }) => [name, preset])),
  );
  function put(): void {
    putInBox(filled(text, values));
  }
  return (
    <Window title={found?.title ?? ""} lead={t("prompts.fillLead")}>
      <form
        className="space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          put();
        }}
      >
        {variables.map(({ name }, index) => (
          <div key={name}>
            <label htmlFor={`${id}-${name}`} className="block text-sm font-medium">
              {name}
            </label>
            <textarea
              id={`${id}-${name}`}
              // oxlint-disable-next-line jsx-a11y/no-autofocus -- whoever opened it is about to write here
              autoFocus={index === 0}
              rows={1}
              value={values[name] ?? ""}
              className="mt-1 block field-sizing-content max-h-[30dvh] min-h-11 w-full resize-none rounded-xl border bg-paper px-3 py-2 text-base font-normal outline-none focus:border-wood/60"
              onChange={(event) => setValues({ ...values, [name]: event.currentTarget.value })}
              onKeyDown={(event) => {
                if (event.key !== "Enter" || event.shiftKey || isForIme(event.nativeEvent) || isTouchOnly())
                  return;
                event.preventDefault();
                put();
              }}
            />
          </div>
        ))}
        {!isTouchOnly() && <p className="text-xs text-ink-soft">{t("prompts.fillHint")}</p>}
        <div className="flex justify-end gap-2">
          <button type="button" className="button button-plain" onClick={closeDialog}>
            {t("prompts.cancel")}
          </button>
          <button type="submit" className="button button-wood">
            {t("prompts.put")}
          </button>
        </div>
      </form>
    </Window>
  );
}
