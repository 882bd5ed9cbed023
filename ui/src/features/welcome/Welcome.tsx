import { useState } from "react";

import { isReady, isTemporaryNow, modelInUse } from "@/core/state";
import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";
import { Logo } from "@/shared/ui/Logo";

/** The words over the box of a conversation that has not begun. */
export function Greeting() {
  const t = useT();
  const isTemporary = useChat(isTemporaryNow);
  const [part] = useState(() => partOfDay(new Date().getHours()));
  return (
    <div className="row-enter flex flex-col items-center px-6 text-center">
      <Logo className="mb-5 size-12" />
      <h1 className="text-[1.7rem] leading-tight font-semibold tracking-tight sm:text-[2rem]">
        {isTemporary ? t("temporary.title") : t(`greeting.${part}`)}
      </h1>
      <p className="mt-2.5 text-balance text-ink-soft">
        {isTemporary ? t("temporary.hint") : t("greeting.sub")}
      </p>
    </div>
  );
}

function partOfDay(hour: number): "morning" | "afternoon" | "evening" {
  if (hour >= 5 && hour < 12) return "morning";
  return hour >= 12 && hour < 18 ? "afternoon" : "evening";
}

const SUGGESTIONS = ["who", "remember", "capital", "sum"] as const;

/** A few first sentences, for somebody who does not know what to say. */
export function Suggestions() {
  const t = useT();
  const session = useSession();
  const canAnswer = useChat((state) => isReady(modelInUse(state)));
  return (
    <ul className="flex flex-wrap justify-center gap-2">
      {SUGGESTIONS.map((name) => (
        <li key={name}>
          <button
            type="button"
            disabled={!canAnswer}
            onClick={() => session.send(t(`suggest.${name}.text`))}
            className="h-9 rounded-full border bg-card px-4 text-sm text-ink-soft transition-colors hover:border-wood/50 hover:text-ink disabled:opacity-60 pointer-coarse:h-10"
          >
            {t(`suggest.${name}.label`)}
          </button>
        </li>
      ))}
    </ul>
  );
}
