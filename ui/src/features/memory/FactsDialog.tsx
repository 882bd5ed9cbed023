import { LoaderCircle } from "lucide-react";
import { AlertDialog, Switch } from "radix-ui";
import type { RefObject } from "react";
import { useEffect, useRef, useState } from "react";

import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";
import { Confirm } from "@/shared/ui/Confirm";
import { TextButton } from "@/shared/ui/TextButton";
import { Trouble } from "@/shared/ui/Trouble";
import { Window } from "@/shared/ui/Window";

import { FactField, isFact } from "./FactField";
import { FactRow } from "./FactRow";
import { oneLine } from "./one-line";
import { useAttempt } from "@/shared/use-attempt";

/** What the person wants to be known in all conversations: on or off, and each fact. */
export default function FactsDialog() {
  const t = useT();
  const { memory } = useSession();
  const state = useChat((chat) => chat.facts.state);
  // Synchronises with what another tab or program may have written.
  useEffect(() => void memory.loadFacts(), [memory]);
  return (
    <Window title={t("facts.title")} lead={t("facts.lead")}>
      {state === "loading" && (
        <LoaderCircle
          role="img"
          aria-label={t("seen.loading")}
          className="mx-auto my-8 size-6 animate-spin text-wood"
        />
      )}
      {state === "failed" && (
        <>
          <p role="alert" className="text-sm text-danger">
            {t("facts.loadFailed")}
          </p>
          <TextButton className="mt-1 -ml-2.5" onClick={() => void memory.loadFacts()}>
            {t("list.again")}
          </TextButton>
        </>
      )}
      {state === "ready" && <Facts />}
    </Window>
  );
}

type Said = "added" | "saved" | "deleted" | "forgotten";

function Facts() {
  const t = useT();
  const { memory } = useSession();
  const { list, longest } = useChat((chat) => chat.facts);
  const [said, setSaid] = useState<{ what: Said; count: number } | null>(null);
  const box = useRef<HTMLTextAreaElement>(null);
  const forgetting = useAttempt();
  function say(what: Said): void {
    setSaid((before) => ({ what, count: (before?.count ?? 0) + 1 }));
  }
  async function forget(): Promise<void> {
    if (!(await forgetting.run(() => memory.forgetFacts()))) return;
    say("forgotten");
    box.current?.focus();
  }
  return (
    <>
      <OnOff />
      <div className="mt-5 flex items-center justify-between gap-2">
        <h3 className="text-sm font-semibold">{t("facts.list")}</h3>
        {list.length > 0 && (
          <AlertDialog.Root>
            <AlertDialog.Trigger asChild>
              <TextButton className="-mr-2.5">{t("facts.forget")}</TextButton>
            </AlertDialog.Trigger>
            <Confirm
              title={t("facts.forgetTitle")}
              body={t("facts.forgetBody")}
              keep={t("facts.forgetKeep")}
              confirm={t("facts.forget")}
              onConfirm={() => void forget()}
            />
          </AlertDialog.Root>
        )}
      </div>
      {forgetting.error !== null && <Trouble what={t("facts.failed")} error={forgetting.error} />}
      {list.length === 0 ? (
        <p className="mt-1 text-sm text-ink-soft">{t("facts.empty")}</p>
      ) : (
        <ul className="mt-1.5 divide-y rounded-xl border">
          {list.map((fact) => (
            <FactRow
              key={fact.id}
              fact={fact}
              longest={longest}
              onSaved={() => say("saved")}
              onDeleted={() => {
                say("deleted");
                box.current?.focus();
              }}
            />
          ))}
        </ul>
      )}
      <NewFact box={box} longest={longest} onAdded={() => say("added")} />
      <p role="status" className="sr-only">
        {said !== null && <span key={said.count}>{t(`facts.${said.what}`)}</span>}
      </p>
    </>
  );
}

function OnOff() {
  const t = useT();
  const { memory } = useSession();
  const isOn = useChat((chat) => chat.facts.isOn);
  const turning = useAttempt();
  return (
    <div className="rounded-xl border bg-paper px-3.5 py-3">
      <div className="flex items-center gap-4">
        <label htmlFor="facts-on" className="min-w-0 flex-1 text-sm font-medium">
          {t("facts.switch")}
          <span id="facts-on-means" className="mt-0.5 block text-xs font-normal text-ink-soft">
            {isOn ? t("facts.on") : t("facts.off")}
          </span>
        </label>
        <Switch.Root
          id="facts-on"
          aria-label={t("facts.switch")}
          aria-describedby="facts-on-means"
          checked={isOn}
          onCheckedChange={(wanted) => void turning.run(() => memory.turnFacts(wanted))}
          className="relative h-6 w-11 shrink-0 rounded-full bg-ink-soft transition-colors data-[state=checked]:bg-wood pointer-coarse:h-7 pointer-coarse:w-12"
        >
          <Switch.Thumb className="absolute top-0.5 left-0.5 size-5 rounded-full bg-card transition-transform data-[state=checked]:translate-x-5 pointer-coarse:size-6" />
        </Switch.Root>
      </div>
      {turning.error !== null && <Trouble what={t("facts.failed")} error={turning.error} />}
    </div>
  );
}

interface NewFactProps {
  readonly box: RefObject<HTMLTextAreaElement | null>;
  readonly longest: number;
  readonly onAdded: () => void;
}

function NewFact({ box, longest, onAdded }: NewFactProps) {
  const t = useT();
  const { memory } = useSession();
  const [text, setText] = useState("");
  const adding = useAttempt();
  async function add(): Promise<void> {
    if (!isFact(text, longest)) return;
    if (!(await adding.run(() => memory.addFact(oneLine(text), false)))) return;
    // What was typed meanwhile stays.
    setText((now) => (now === text ? "" : now));
    onAdded();
    box.current?.focus();
  }
  return (
    <form
      className="mt-3"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <div className="flex items-start gap-2">
        <FactField
          ref={box}
          label={t("facts.new")}
          placeholder={t("facts.placeholder")}
          value={text}
          longest={longest}
          onChange={setText}
          onEnter={() => void add()}
        />
        <button type="submit" className="button button-wood h-9" disabled={!isFact(text, longest)}>
          {t("facts.add")}
        </button>
      </div>
      {adding.error !== null && <Trouble what={t("facts.failed")} error={adding.error} />}
    </form>
  );
}
