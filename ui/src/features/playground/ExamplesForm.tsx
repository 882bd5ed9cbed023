import { Plus, Trash2 } from "lucide-react";
import { useId, useRef } from "react";
import { flushSync } from "react-dom";

import type { Example } from "@/core/few-shot";
import { promptOf } from "@/core/few-shot";
import { useT } from "@/shared/i18n/i18n";
import { COMPOSER_ID } from "@/shared/insert";
import { useSession } from "@/shared/session";
import { IconButton } from "@/shared/ui/IconButton";
import { TextButton } from "@/shared/ui/TextButton";

import { fill, generate, useDesk, writeForm } from "./desk";
import { StopButton } from "./StopButton";

const FIELD =
  "w-full rounded-xl border bg-paper px-3 py-2 text-sm outline-none focus:border-wood/60 field-sizing-content resize-none";

/** Pairs of what goes in and what comes out, from which the prompt is made. */
export function ExamplesForm({ model }: { model: string | null }) {
  const t = useT();
  const session = useSession();
  const form = useDesk((desk) => desk.form);
  const adding = useRef<HTMLButtonElement>(null);
  const isRunning = useDesk((desk) => desk.run.kind === "running");
  function change(index: number, part: Partial<Example>): void {
    fill({ examples: form.examples.map((one, at) => (at === index ? { ...one, ...part } : one)) });
  }
  /** The last one takes along the button that has the focus. */
  function remove(index: number): void {
    flushSync(() => fill({ examples: form.examples.filter((_, at) => at !== index) }));
    if (index === form.examples.length - 1) adding.current?.focus();
  }
  return (
    <form
      className="flex flex-1 flex-col gap-3 lg:min-h-0"
      onSubmit={(event) => {
        event.preventDefault();
        writeForm();
        if (model !== null) void generate(session, model);
      }}
    >
      <div className="flex-1 space-y-4 rounded-2xl border bg-card p-4 shadow-card lg:min-h-0 lg:overflow-y-auto">
        <Words
          label={t("playground.task")}
          placeholder={t("playground.taskExample")}
          value={form.task}
          onChange={(task) => fill({ task })}
        />
        <div className="grid gap-4 sm:grid-cols-2">
          <Words label={t("playground.before")} value={form.before} onChange={(before) => fill({ before })} />
          <Words label={t("playground.after")} value={form.after} onChange={(after) => fill({ after })} />
        </div>
        {form.examples.map((example, index) => (
          // They have no names, and only the last one is ever added.
          // oxlint-disable-next-line react/no-array-index-key
          <fieldset key={index} className="grid gap-x-4 gap-y-2 border-t pt-3 sm:grid-cols-2">
            <legend className="sr-only">{t("playground.example", { number: index + 1 })}</legend>
            <div className="flex items-center justify-between sm:col-span-2">
              <span className="text-sm font-medium" aria-hidden>
                {t("playground.example", { number: index + 1 })}
              </span>
              <IconButton
                size="small"
                label={t("playground.removeExample", { number: index + 1 })}
                onClick={() => remove(index)}
              >
                <Trash2 />
              </IconButton>
            </div>
            <Words
              label={t("playground.input")}
              value={example.input}
              onChange={(input) => change(index, { input })}
            />
            <Words
              label={t("playground.output")}
              value={example.output}
              onChange={(output) => change(index, { output })}
            />
          </fieldset>
        ))}
        <TextButton
          ref={adding}
          className="-ml-2.5"
          onClick={() => fill({ examples: [...form.examples, { input: "", output: "" }] })}
        >
          <Plus aria-hidden />
          {t("playground.addExample")}
        </TextButton>
        <div className="border-t pt-3">
          <Words
            id={COMPOSER_ID}
            label={t("playground.asked")}
            hint={t("playground.askedHint")}
            value={form.asked}
            onChange={(asked) => fill({ asked })}
          />
        </div>
        <details className="text-sm">
          <summary className="cursor-pointer text-ink-soft">{t("playground.preview")}</summary>
          <pre className="mt-2 rounded-xl bg-floor px-3.5 py-2.5 font-mono text-xs leading-relaxed whitespace-pre-wrap">
            {promptOf(form)}
          </pre>
        </details>
      </div>
      <div className="flex flex-wrap justify-end gap-2">
        <StopButton />
        <button type="button" className="button button-plain" disabled={isRunning} onClick={writeForm}>
          {t("playground.put")}
        </button>
        <button type="submit" className="button button-wood" disabled={isRunning || model === null}>
          {t("playground.putAndGenerate")}
        </button>
      </div>
    </form>
  );
}

interface WordsProps {
  readonly id?: string;
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly hint?: string;
  readonly onChange: (words: string) => void;
}

function Words({ id: given, label, value, placeholder, hint, onChange }: WordsProps) {
  const own = useId();
  const id = given ?? own;
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-xs text-ink-soft">
        {label}
      </label>
      <textarea
        id={id}
        rows={1}
        value={value}
        placeholder={placeholder}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        className={FIELD}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} className="mt-1 text-xs text-ink-soft">
          {hint}
        </p>
      )}
    </div>
  );
}
