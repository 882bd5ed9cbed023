import { LoaderCircle } from "lucide-react";
import type { ReactNode } from "react";
import { useEffect, useState } from "react";

import { ApiError } from "@/core/api";
import type { WireContextBody } from "@/core/wire";
import { useSpeech, useT } from "@/shared/i18n/i18n";
import { useSession } from "@/shared/session";
import { TextButton } from "@/shared/ui/TextButton";
import { Trouble } from "@/shared/ui/Trouble";
import { Window } from "@/shared/ui/Window";

import { ContextTurns } from "./ContextTurns";

type Answer =
  | { readonly state: "loading" }
  | { readonly state: "there"; readonly context: WireContextBody }
  | { readonly state: "refused"; readonly error: unknown };

/** What the model of one answer was shown: numbers, what it was told, and each turn of the chat. */
export default function ContextDialog({ response }: { response: string }) {
  const { locale, t } = useSpeech();
  const [answer, again] = useContextOf(response);
  if (answer.state !== "there") {
    return (
      <Window title={t("seen.title")}>
        {answer.state === "loading" ? <Loading /> : <Refused error={answer.error} onAgain={again} />}
      </Window>
    );
  }
  const { context } = answer;
  const used = new Intl.NumberFormat(locale).format(context.used);
  const lead = context.is_exact ? "seen.lead" : "seen.leadAbout";
  return (
    <Window title={t("seen.title")} lead={t(lead, { model: context.model, used })}>
      <Numbers context={context} />
      {context.instructions && <Told title={t("seen.instructions")}>{context.instructions}</Told>}
      {context.notes && <Told title={t("seen.notes")}>{context.notes}</Told>}
      <ContextTurns turns={context.turns} />
    </Window>
  );
}

/** Synchronises with the server's answer; the second is the way to ask again. */
function useContextOf(response: string): [Answer, () => void] {
  const { memory } = useSession();
  const [answer, setAnswer] = useState<Answer>({ state: "loading" });
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let isWanted = true;
    memory.context(response).then(
      (context) => isWanted && setAnswer({ state: "there", context }),
      (error: unknown) => isWanted && setAnswer({ state: "refused", error }),
    );
    return () => {
      isWanted = false;
    };
  }, [memory, response, tries]);
  return [
    answer,
    () => {
      setAnswer({ state: "loading" });
      setTries(tries + 1);
    },
  ];
}

function Loading() {
  const t = useT();
  return (
    <LoaderCircle
      role="img"
      aria-label={t("seen.loading")}
      className="mx-auto my-8 size-6 animate-spin text-wood"
    />
  );
}

function Refused({ error, onAgain }: { error: unknown; onAgain: () => void }) {
  const t = useT();
  if (error instanceof ApiError && error.status === 404) {
    return <p className="text-sm leading-relaxed">{t("seen.notKept")}</p>;
  }
  return (
    <>
      <Trouble what={t("seen.failed")} error={error} />
      <TextButton className="mt-1 -ml-2.5" onClick={onAgain}>
        {t("seen.again")}
      </TextButton>
    </>
  );
}

const POLICIES = ["block", "sliding", "keep-all", "summarise"] as const;

function Numbers({ context }: { context: WireContextBody }) {
  const { locale, t } = useSpeech();
  const number = new Intl.NumberFormat(locale);
  const tokens = (count: number): string => t("context.tokens", { count: number.format(count) });
  const policy = POLICIES.find((name) => name === context.policy);
  const rows: readonly (readonly [string, string])[] = [
    [t("seen.cached"), tokens(context.cached)],
    [t("seen.budget"), tokens(context.budget)],
    [t("seen.window"), tokens(context.window)],
    [t("seen.full"), policy === undefined ? context.policy : t(`seen.policy.${policy}`)],
  ];
  return (
    <dl className="grid gap-x-5 gap-y-2 text-sm sm:grid-cols-[auto_1fr]">
      {rows.map(([name, value]) => (
        <div key={name} className="contents max-sm:block">
          <dt className="text-ink-soft">{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Told({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="mt-5">
      <h3 className="text-sm font-semibold">{title}</h3>
      <p className="mt-1.5 rounded-xl border bg-paper px-3.5 py-2.5 text-sm leading-relaxed whitespace-pre-wrap">
        {children}
      </p>
    </section>
  );
}
