import { Ban, RotateCcw } from "lucide-react";
import { useEffect, useState } from "react";

import { useT } from "@/shared/i18n/i18n";
import { usePreference, choose } from "@/shared/preferences";
import type { Action, Refusal } from "@/shared/shortcuts";
import {
  ACTIONS,
  bind,
  bindingsNow,
  refusalOf,
  resetBindings,
  strokeOf,
  useBindings,
} from "@/shared/shortcuts";
import { IconButton } from "@/shared/ui/IconButton";
import { Keys } from "@/shared/ui/Keys";
import { TextButton } from "@/shared/ui/TextButton";
import { KEEPS_ESCAPE } from "@/shared/ui/escape";
import { Window } from "@/shared/ui/Window";

/** All keys of the page; each can be changed or turned off. */
export default function ShortcutsDialog() {
  const t = useT();
  const [changing, setChanging] = useState<Action | null>(null);
  return (
    <Window title={t("shortcuts.title")} lead={t("shortcuts.lead")}>
      <ul className="divide-y divide-line">
        {ACTIONS.map((action) => (
          <Row
            key={action}
            action={action}
            isChanging={changing === action}
            onChange={(isOn) => setChanging(isOn ? action : null)}
          />
        ))}
      </ul>
      <EnterChoice />
      <div className="mt-4 flex justify-end">
        <TextButton onClick={() => resetBindings()}>
          <RotateCcw aria-hidden />
          {t("shortcuts.reset")}
        </TextButton>
      </div>
    </Window>
  );
}

interface RowProps {
  readonly action: Action;
  readonly isChanging: boolean;
  readonly onChange: (isOn: boolean) => void;
}

function Row({ action, isChanging, onChange }: RowProps) {
  const t = useT();
  const stroke = useBindings()[action];
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const name = t(`shortcut.${action}`);
  function begin(): void {
    setRefusal(null);
    onChange(true);
  }
  return (
    <li className="py-1.5">
      <div className="flex min-h-9 flex-wrap items-center gap-x-2">
        <span className="flex-1">{name}</span>
        {isChanging ? (
          <Recorder action={action} onRefused={setRefusal} onEnd={() => onChange(false)} />
        ) : (
          <button type="button" className="rounded-lg px-2 py-1.5 hover:bg-hover" onClick={begin}>
            <span className="sr-only">{t("shortcuts.change", { name })} </span>
            {stroke === null ? (
              <span className="text-ink-soft">{t("shortcuts.off")}</span>
            ) : (
              <Keys of={stroke} />
            )}
          </button>
        )}
        <IconButton
          label={t("shortcuts.turnOff", { name })}
          size="small"
          disabled={stroke === null}
          onClick={() => bind(action, null)}
        >
          <Ban />
        </IconButton>
      </div>
      {refusal !== null && (
        <p role="alert" className="pb-1 text-sm text-danger">
          {wordsOf(refusal)}
        </p>
      )}
    </li>
  );

  function wordsOf(why: Refusal): string {
    if (why === "reserved") return t("shortcuts.reserved");
    if (why === "bare") return t("shortcuts.bare");
    return t("shortcuts.taken", { name: t(`shortcut.${why.takenBy}`) });
  }
}

interface RecorderProps {
  readonly action: Action;
  readonly onRefused: (refusal: Refusal | null) => void;
  readonly onEnd: () => void;
}

/** Hears the next keys. Synchronises with the keyboard, before anything else on the page hears it. */
function Recorder({ action, onRefused, onEnd }: RecorderProps) {
  const t = useT();
  useEffect(() => {
    function hear(event: KeyboardEvent): void {
      if (event.code === "Tab") return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const stroke = strokeOf(event);
      if (stroke === null) return;
      const isLeaving = stroke === "Escape" && action !== "stop";
      const refusal = isLeaving ? null : refusalOf(action, stroke, bindingsNow());
      onRefused(refusal);
      if (refusal !== null) return;
      if (!isLeaving) bind(action, stroke);
      onEnd();
    }
    addEventListener("keydown", hear, { capture: true });
    return () => removeEventListener("keydown", hear, { capture: true });
  }, [action, onRefused, onEnd]);
  return (
    <button
      type="button"
      // oxlint-disable-next-line jsx-a11y/no-autofocus -- it stands where the button was that was pressed
      autoFocus
      className="rounded-lg border border-wood px-2 py-1 text-sm"
      onBlur={onEnd}
      {...{ [KEEPS_ESCAPE]: "" }}
    >
      {t("shortcuts.press")}
    </button>
  );
}

function EnterChoice() {
  const t = useT();
  const isOn = usePreference("enterSends");
  return (
    <fieldset className="mt-4 rounded-xl border px-4 py-3">
      <legend className="px-1 text-sm text-ink-soft">{t("shortcuts.sending")}</legend>
      {[true, false].map((value) => (
        <label key={String(value)} className="flex min-h-9 items-center gap-2.5">
          <input
            type="radio"
            name="enter"
            checked={isOn === value}
            onChange={() => choose("enterSends", value)}
          />
          {value ? t("shortcuts.enterSends") : t("shortcuts.modEnterSends")}
        </label>
      ))}
    </fieldset>
  );
}
