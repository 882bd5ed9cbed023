import { useRef } from "react";

import { isForIme } from "@/shared/ime";
import { KEEPS_ESCAPE } from "@/shared/ui/escape";

interface NameFieldProps {
  readonly label: string;
  readonly name: string;
  readonly maxLength: number;
  /** Null: nothing is to be changed. */
  readonly onEnd: (name: string | null) => void;
}

/** In the place of a name that is being written; Enter and leaving it keep what is written, Escape does not. */
export function NameField({ label, name, maxLength, onEnd }: NameFieldProps) {
  // Escape and Enter both end in a blur; only the first ending counts.
  const isOver = useRef(false);
  function end(written: string | null): void {
    if (isOver.current) return;
    isOver.current = true;
    const wanted = written?.trim() ?? "";
    onEnd(wanted === "" || wanted === name ? null : wanted);
  }
  return (
    <input
      ref={focusAll}
      {...{ [KEEPS_ESCAPE]: "" }}
      defaultValue={name}
      maxLength={maxLength}
      aria-label={label}
      className="h-8 w-full rounded-md border border-wood bg-card px-2 text-sm outline-none max-md:text-base"
      onBlur={(event) => end(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (isForIme(event.nativeEvent)) return;
        if (event.key === "Enter") end(event.currentTarget.value);
        if (event.key === "Escape") {
          event.stopPropagation();
          end(null);
        }
      }}
    />
  );
}

function focusAll(input: HTMLInputElement | null): void {
  // The menu that opened this gives the focus back to its button first.
  if (input !== null) requestAnimationFrame(() => input.select());
}
