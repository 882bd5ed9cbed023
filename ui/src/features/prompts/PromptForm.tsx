import { useId, useRef, useState } from "react";

import { isCommandWord } from "@/core/command-words";
import type { WirePrompt } from "@/core/wire";
import { useT } from "@/shared/i18n/i18n";
import { useSession } from "@/shared/session";
import { Trouble } from "@/shared/ui/Trouble";
import { useAttempt } from "@/shared/use-attempt";

const MOST_TITLE = 80;
const MOST_WORD = 32;
const MOST_TEXT = 10_000;
const FIELD =
  "mt-1 block w-full rounded-xl border bg-paper px-3 py-2 text-base font-normal outline-none focus:border-wood/60";

interface PromptFormProps {
  /** Null: a new one, that begins with `text`. */
  readonly prompt: WirePrompt | null;
  readonly text: string;
  readonly onEnd: () => void;
}

/** Title, word and text of a prompt; each save is a version. */
export function PromptForm({ prompt, text: begun, onEnd }: PromptFormProps) {
  const t = useT();
  const { prompts } = useSession();
  const [title, setTitle] = useState(prompt?.title ?? "");
  const [word, setWord] = useState(prompt?.word ?? "");
  const [text, setText] = useState(prompt?.text ?? begun);
  const [isTaken, setTaken] = useState(false);
  const wordField = useRef<HTMLInputElement>(null);
  const saving = useAttempt();
  const hint = useId();
  const name = t("prompts.variableName");
  async function save(): Promise<void> {
    if (isCommandWord(word)) {
      setTaken(true);
      wordField.current?.focus();
      return;
    }
    if (await saving.run(() => prompts.save(prompt?.id ?? null, { title, word, text }))) onEnd();
  }
  return (
    <form
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <div className="grid gap-3 sm:grid-cols-[1fr_12rem]">
        <label className="block text-sm font-medium">
          {t("prompts.name")}
          <input
            // oxlint-disable-next-line jsx-a11y/no-autofocus -- whoever opened it is about to write here
            autoFocus
            required
            value={title}
            maxLength={MOST_TITLE}
            className={FIELD}
            onChange={(event) => setTitle(event.currentTarget.value)}
          />
        </label>
        <label className="block text-sm font-medium">
          {t("prompts.word")}
          <input
            ref={wordField}
            required
            aria-invalid={isTaken}
            aria-describedby={isTaken ? `${hint}-taken` : undefined}
            value={word}
            maxLength={MOST_WORD}
            placeholder={t("prompts.wordExample")}
            className={`${FIELD} font-mono`}
            onChange={(event) => {
              setWord(event.currentTarget.value.replace(/^\/+/, ""));
              setTaken(false);
            }}
          />
        </label>
      </div>
      {isTaken && (
        <p id={`${hint}-taken`} role="alert" className="text-sm text-danger">
          {t("prompts.wordOfCommand", { word: word.trim().toLowerCase() })}
        </p>
      )}
      <div>
        <label htmlFor={`${hint}-text`} className="block text-sm font-medium">
          {t("prompts.text")}
        </label>
        <textarea
          id={`${hint}-text`}
          required
          aria-describedby={hint}
          rows={6}
          value={text}
          maxLength={MOST_TEXT}
          className={`${FIELD} field-sizing-content max-h-[40dvh] min-h-32 resize-none leading-relaxed`}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </div>
      <p id={hint} className="text-xs leading-relaxed text-ink-soft">
        {t("prompts.variables", {
          example: `{{${name}}}`,
          preset: `{{${name}:${t("prompts.variablePreset")}}}`,
        })}
      </p>
      {saving.error !== null && <Trouble what={t("prompts.failed")} error={saving.error} />}
      <div className="flex justify-end gap-2">
        <button type="button" className="button button-plain" onClick={onEnd}>
          {t("prompts.cancel")}
        </button>
        <button type="submit" className="button button-wood" disabled={saving.isBusy}>
          {t("prompts.save")}
        </button>
      </div>
    </form>
  );
}
