import { CircleDashed, Eye, Pin, ScrollText } from "lucide-react";
import type { ReactNode } from "react";
import { useState } from "react";

import { openThread } from "@/core/state";
import type { Thread } from "@/core/tree";
import { textOf } from "@/core/tree";
import type { TurnState, WireContextBody } from "@/core/wire";
import { classes } from "@/shared/classes";
import { useSpeech, useT } from "@/shared/i18n/i18n";
import { useChat } from "@/shared/session";
import { TextButton } from "@/shared/ui/TextButton";

type ContextTurn = WireContextBody["turns"][number];

/** Newest turns that are listed at first; each press shows as many again. */
const SHOWN_TURNS = 50;
const WORDS = 160;

const PICTURES: Readonly<Record<TurnState, ReactNode>> = {
  sent: <Eye />,
  pinned: <Pin />,
  summarised: <ScrollText />,
  left_out: <CircleDashed />,
};

/** Each turn of the branch, oldest first: what became of it, and its tokens. */
export function ContextTurns({ turns }: { turns: readonly ContextTurn[] }) {
  const t = useT();
  const [shown, setShown] = useState(SHOWN_TURNS);
  const seen = turns.filter((turn) => turn.state === "sent" || turn.state === "pinned").length;
  const first = Math.max(0, turns.length - shown);
  return (
    <section className="mt-5">
      <h3 className="text-sm font-semibold">{t("seen.turns")}</h3>
      <p className="mt-1 text-sm text-ink-soft">{t("seen.counts", { seen, total: turns.length })}</p>
      {first > 0 && (
        <TextButton className="mt-1 -ml-2.5" onClick={() => setShown(shown + SHOWN_TURNS)}>
          {t("seen.earlier")}
        </TextButton>
      )}
      <ol className="mt-2 divide-y rounded-xl border text-sm" start={first + 1}>
        {turns.slice(first).map((turn) => (
          <Row key={turn.items[0]?.id} turn={turn} />
        ))}
      </ol>
    </section>
  );
}

function Row({ turn }: { turn: ContextTurn }) {
  const { locale, t } = useSpeech();
  const words = useChat((state) => firstWords(openThread(state), turn));
  const isSeen = turn.state === "sent" || turn.state === "pinned";
  const count = turn.tokens === null ? null : new Intl.NumberFormat(locale).format(turn.tokens);
  return (
    <li className="px-3.5 py-2">
      <p className={classes("truncate", !isSeen && "text-ink-soft")}>{words || t("seen.noText")}</p>
      <p className="mt-0.5 flex items-center gap-1.5 text-xs text-ink-soft [&_svg]:size-3.5">
        <span className={classes("inline-flex items-center gap-1.5", isSeen && "text-wood")}>
          {PICTURES[turn.state]}
          {t(`seen.${turn.state}`)}
        </span>
        {count !== null && <span>· {t("context.tokens", { count })}</span>}
      </p>
    </li>
  );
}

/** What the person said first in it; without that, whatever has words. */
function firstWords(thread: Thread, turn: ContextTurn): string {
  const nodes = turn.items.flatMap((item) => thread.nodes[item.id] ?? []);
  const told = nodes.find((node) => node.role === "user") ?? nodes.find((node) => textOf(node) !== "");
  return textOf(told).slice(0, WORDS);
}
