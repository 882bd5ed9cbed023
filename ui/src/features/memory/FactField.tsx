import type { Ref } from "react";

import { useSpeech } from "@/shared/i18n/i18n";
import { isForIme } from "@/shared/ime";
import { classes } from "@/shared/classes";
import { KEEPS_ESCAPE } from "@/shared/ui/escape";

import { lengthOf, oneLine } from "./one-line";

interface FactFieldProps {
  readonly label: string;
  readonly value: string;
  /** Characters at most. */
  readonly longest: number;
  readonly rows?: number;
  readonly placeholder?: string;
  readonly ref?: Ref<HTMLTextAreaElement>;
  readonly onChange: (value: string) => void;
  /** Enter was pressed. */
  readonly onEnter: () => void;
  /** Escape was pressed; without it Escape goes on to whatever holds the field. */
  readonly onEscape?: () => void;
}

/** From this share of the length on the count is shown. */
const NEARLY_LONG = 0.8;

/** Whether the server will take it as a fact. */
export function isFact(value: string, longest: number): boolean {
  const line = oneLine(value);
  return line !== "" && lengthOf(line) <= longest;
}

/** One line to write, which wraps; its length is told when it matters. */
export function FactField({ ref, label, value, longest, rows = 1, placeholder, ...on }: FactFieldProps) {
  const { locale, t } = useSpeech();
  const number = new Intl.NumberFormat(locale);
  const length = lengthOf(oneLine(value));
  const isTooLong = length > longest;
  return (
    <div className="min-w-0 flex-1">
      <textarea
        ref={ref}
        {...(on.onEscape === undefined ? {} : { [KEEPS_ESCAPE]: "" })}
        rows={rows}
        value={value}
        aria-label={label}
        aria-invalid={isTooLong}
        placeholder={placeholder}
        className="block field-sizing-content max-h-40 min-h-9 w-full resize-none rounded-lg border bg-paper px-3 py-1.5 text-sm leading-relaxed max-md:text-base"
        onChange={(event) => on.onChange(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (isForIme(event.nativeEvent)) return;
          if (event.key === "Enter") {
            event.preventDefault();
            on.onEnter();
          }
          if (event.key === "Escape" && on.onEscape !== undefined) {
            event.stopPropagation();
            event.preventDefault();
            on.onEscape();
          }
        }}
      />
      {length > longest * NEARLY_LONG && (
        <p className={classes("mt-1 text-xs tabular-nums", isTooLong ? "text-danger" : "text-ink-soft")}>
          {t("facts.count", { length: number.format(length), most: number.format(longest) })}
        </p>
      )}
    </div>
  );
}
