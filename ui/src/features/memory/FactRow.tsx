import { Pencil, Trash2 } from "lucide-react";
import { useState } from "react";

import type { WireFact } from "@/core/wire";
import { useT } from "@/shared/i18n/i18n";
import { useSession } from "@/shared/session";
import { focusEnd, useFocusBack } from "@/shared/ui/focus";
import { IconButton } from "@/shared/ui/IconButton";
import { Trouble } from "@/shared/ui/Trouble";

import { FactField, isFact } from "./FactField";
import { oneLine } from "./one-line";
import { useAttempt } from "@/shared/use-attempt";

interface FactRowProps {
  readonly fact: WireFact;
  readonly longest: number;
  readonly onSaved: () => void;
  readonly onDeleted: () => void;
}

/** Characters of a fact that the names of its buttons hold. */
const NAMED = 60;

/** One fact: read it, change it in its place, delete it. */
export function FactRow({ fact, longest, onSaved, onDeleted }: FactRowProps) {
  const t = useT();
  const { memory } = useSession();
  const [words, setWords] = useState<string | null>(null);
  const [pencil, focusPencil] = useFocusBack();
  const attempt = useAttempt();
  const text = fact.text.slice(0, NAMED);
  function endEditing(): void {
    focusPencil();
    setWords(null);
  }
  async function save(): Promise<void> {
    if (words === null || !isFact(words, longest)) return;
    const line = oneLine(words);
    const isSame = line === fact.text;
    if (!isSame && !(await attempt.run(() => memory.changeFact(fact.id, line)))) return;
    if (!isSame) onSaved();
    endEditing();
  }
  async function remove(): Promise<void> {
    if (await attempt.run(() => memory.deleteFact(fact.id))) onDeleted();
  }
  return (
    <li className="px-3.5 py-1.5 text-sm">
      {words === null ? (
        <div className="flex items-center gap-1">
          <p className="min-w-0 flex-1 py-1 leading-relaxed">{fact.text}</p>
          <IconButton
            ref={pencil}
            label={t("facts.edit", { text })}
            size="small"
            onClick={() => setWords(fact.text)}
          >
            <Pencil />
          </IconButton>
          <IconButton
            label={t("facts.delete", { text })}
            size="small"
            className="-mr-2"
            onClick={() => void remove()}
          >
            <Trash2 />
          </IconButton>
        </div>
      ) : (
        <form
          className="py-1"
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
        >
          <FactField
            ref={focusEnd}
            label={t("facts.editLabel")}
            value={words}
            longest={longest}
            onChange={setWords}
            onEnter={() => void save()}
            onEscape={endEditing}
          />
          <div className="mt-2 flex justify-end gap-2">
            <button type="button" className="button button-plain" onClick={endEditing}>
              {t("facts.cancel")}
            </button>
            <button type="submit" className="button button-wood" disabled={!isFact(words, longest)}>
              {t("facts.save")}
            </button>
          </div>
        </form>
      )}
      {attempt.error !== null && <Trouble what={t("facts.failed")} error={attempt.error} />}
    </li>
  );
}
