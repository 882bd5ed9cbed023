import { useEffect, useRef } from "react";

import { classes } from "@/shared/classes";
import { useT } from "@/shared/i18n/i18n";

import type { SlashOption } from "./slash";

export const SLASH_LIST_ID = "slash-list";

export function slashOptionId(index: number): string {
  return `${SLASH_LIST_ID}-${index}`;
}

interface SlashMenuProps {
  readonly options: readonly SlashOption[];
  readonly active: number;
  readonly onPick: (option: SlashOption) => void;
}

/** The commands that fit, over the box; the box keeps the focus and says which one is meant. */
export function SlashMenu({ options, active, onPick }: SlashMenuProps) {
  const t = useT();
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <div
      ref={list}
      id={SLASH_LIST_ID}
      role="listbox"
      aria-label={t("slash.label")}
      // A long list scrolls, and must do so by keys too.
      tabIndex={0}
      className="menu mb-2 max-h-64 max-w-full! overflow-y-auto"
    >
      {options.map((option, index) => (
        // The box has the focus and the keys.
        // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
        <div
          key={option.id}
          id={slashOptionId(index)}
          role="option"
          aria-selected={index === active}
          className={classes("menu-item cursor-pointer pointer-coarse:py-3", index === active && "bg-hover")}
          // A press must not take the focus from the box.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onPick(option)}
        >
          <span className="font-mono text-wood">
            {option.choice === null ? `/${option.command.word}` : option.choice}
          </span>
          {option.choice === null && <span className="truncate text-ink-soft">{option.command.label}</span>}
        </div>
      ))}
    </div>
  );
}
