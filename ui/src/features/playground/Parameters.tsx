import { Plus, X } from "lucide-react";
import type { ReactNode } from "react";
import { useId, useRef, useState } from "react";
import { flushSync } from "react-dom";

import type { WireModel } from "@/core/wire";
import { useT } from "@/shared/i18n/i18n";
import { isForIme } from "@/shared/ime";
import { IconButton } from "@/shared/ui/IconButton";

import { addStop, set, typeStop, useDesk } from "./desk";
import { HOTTEST, MOST_STOPS, MOST_TOKENS } from "./kept";

const FIELD = "w-full rounded-xl border bg-paper px-3 py-2 outline-none focus:border-wood/60";

interface ParametersProps {
  readonly models: readonly WireModel[];
  readonly model: string | null;
}

/** Which model goes on, and how. */
export function Parameters({ models, model }: ParametersProps) {
  const t = useT();
  const { temperature, maxTokens } = useDesk((desk) => desk.settings);
  return (
    <div className="space-y-5 text-sm">
      {model !== null && (
        <Field label={t("playground.model")}>
          {(id) => (
            <select
              id={id}
              value={model}
              className={`${FIELD} truncate`}
              onChange={(event) => set({ model: event.currentTarget.value })}
            >
              {models.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.id}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      <Field
        label={t("playground.temperature")}
        value={temperature.toFixed(1)}
        hint={t("playground.temperatureHint")}
      >
        {(id, hint) => (
          <input
            id={id}
            aria-describedby={hint}
            type="range"
            min={0}
            max={HOTTEST}
            step={0.1}
            value={temperature}
            className="block w-full accent-wood pointer-coarse:h-8"
            onChange={(event) => set({ temperature: event.currentTarget.valueAsNumber })}
          />
        )}
      </Field>
      <Field label={t("playground.maxTokens")}>{(id) => <Tokens id={id} tokens={maxTokens} />}</Field>
      <Field label={t("playground.stops")} hint={t("playground.stopsHint")}>
        {(id, hint) => <Stops id={id} hint={hint} />}
      </Field>
    </div>
  );
}

/** Takes what is a number of tokens once it is left. */
function Tokens({ id, tokens }: { id: string; tokens: number }) {
  /** Null: what counts. */
  const [written, setWritten] = useState<string | null>(null);
  function take(): void {
    const number = Math.round(Number(written));
    if (number >= 1) set({ maxTokens: Math.min(number, MOST_TOKENS) });
    setWritten(null);
  }
  return (
    <input
      id={id}
      type="number"
      inputMode="numeric"
      min={1}
      max={MOST_TOKENS}
      value={written ?? tokens}
      className={FIELD}
      onChange={(event) => setWritten(event.currentTarget.value)}
      onBlur={take}
      onKeyDown={(event) => event.key === "Enter" && take()}
    />
  );
}

function Stops({ id, hint }: { id: string; hint: string }) {
  const t = useT();
  const stops = useDesk((desk) => desk.settings.stops);
  const typed = useDesk((desk) => desk.typedStop);
  const field = useRef<HTMLInputElement>(null);
  const isFull = stops.length >= MOST_STOPS;
  /** With it goes the button that has the focus; the field may have been closed for want of room. */
  function remove(stop: string): void {
    flushSync(() => set({ stops: stops.filter((other) => other !== stop) }));
    field.current?.focus();
  }
  /** The button closes when there is nothing to add. */
  function add(): void {
    flushSync(addStop);
    if (field.current?.disabled === false) field.current.focus();
  }
  return (
    <>
      {stops.length > 0 && (
        <ul aria-label={t("playground.stops")} className="mb-2 flex flex-wrap gap-1.5">
          {stops.map((one) => (
            <li key={one} className="flex items-center rounded-lg bg-wood-soft pl-2.5">
              <code className="max-w-40 truncate font-mono text-xs whitespace-pre">{shown(one)}</code>
              <button
                type="button"
                aria-label={t("playground.stopRemove", { text: shown(one) })}
                className="flex size-7 items-center justify-center rounded-lg text-ink-soft hover:text-ink pointer-coarse:size-10"
                onClick={() => remove(one)}
              >
                <X className="size-3.5" aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      )}
      <div className="flex gap-1.5">
        <input
          ref={field}
          id={id}
          aria-describedby={hint}
          value={typed}
          disabled={isFull}
          className={`${FIELD} font-mono text-xs disabled:opacity-60`}
          onChange={(event) => typeStop(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || isForIme(event.nativeEvent)) return;
            event.preventDefault();
            add();
          }}
        />
        <IconButton label={t("playground.stopAdd")} disabled={typed === "" || isFull} onClick={add}>
          <Plus />
        </IconButton>
      </div>
    </>
  );
}

/** Made visible: a new line has no shape. */
function shown(stop: string): string {
  return stop.replaceAll("\n", "↵").replaceAll("\t", "⇥");
}

interface FieldProps {
  readonly label: string;
  /** What is chosen, where the field does not show it. */
  readonly value?: string;
  readonly hint?: string;
  /** Draws the field, given its id and that of the hint. */
  readonly children: (id: string, hint: string) => ReactNode;
}

function Field({ label, value, hint, children }: FieldProps) {
  const id = useId();
  return (
    <div>
      <div className="mb-1.5 flex items-baseline justify-between">
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        {value !== undefined && <span aria-hidden>{value}</span>}
      </div>
      {children(id, `${id}-hint`)}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="mt-1.5 text-xs leading-relaxed text-ink-soft">
          {hint}
        </p>
      )}
    </div>
  );
}
