import { Check, Code, Copy, Eye } from "lucide-react";
import { memo, useState } from "react";
import { useShallow } from "zustand/react/shallow";

import { isKept, isRunning, openThread } from "@/core/state";
import type { ResponseInfo, Turn } from "@/core/tree";
import { textOf } from "@/core/tree";
import { RatingButtons, RatingPanel, useRating } from "@/features/feedback/Rating";
import { classes } from "@/shared/classes";
import { openDialog } from "@/shared/dialogs";
import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";
import { IconButton } from "@/shared/ui/IconButton";
import { Planks } from "@/shared/ui/Logo";
import { useCopy } from "@/shared/use-copy";

import { Actions } from "./Actions";
import { isBeingWritten } from "./being-written";
import { BranchPicker } from "./BranchPicker";
import { CompareButton } from "./CompareButton";
import { CopyItems } from "./CopyItems";
import { Details } from "./Details";
import { Ending } from "./Ending";
import { MoreItem, MoreMenu } from "./MoreMenu";
import { Piece } from "./Piece";
import { PinButton, PinMark, PinTrouble, usePin } from "./Pin";
import { ReadItem, StopReading } from "./ReadAloud";
import { Regenerate } from "./Regenerate";
import { Sources } from "./Sources";

interface AssistantTurnProps {
  readonly turn: Turn;
  readonly isLast: boolean;
  readonly isUnseen: boolean;
}

/** Everything that one response wrote: thinking, tools, words. */
export const AssistantTurn = memo(function AssistantTurn({ turn, isLast, isUnseen }: AssistantTurnProps) {
  const t = useT();
  const session = useSession();
  const first = turn.ids[0] ?? "";
  const nodes = useChat(
    useShallow((state) => {
      const known = openThread(state).nodes;
      return turn.ids.flatMap((id) => known[id] ?? []);
    }),
  );
  const response = nodes[0]?.response ?? null;
  const info = useChat((state) => (response === null ? undefined : openThread(state).responses[response]));
  const isBusy = useChat((state) => isRunning(state, state.open));
  const isGrowing = useChat((state) =>
    Object.values(openThread(state).runs).some(
      (run) => run.responseId !== null && run.responseId === response,
    ),
  );
  const pin = usePin(nodes);
  const rating = useRating(nodes);
  const [isRaw, setRaw] = useState(false);
  const isHeld = useChat(isKept);
  const thinkingMs = nodes.filter((node) => node.kind === "reasoning").length === 1 ? timeOf(info) : null;
  const text = nodes.map(textOf).filter(Boolean).join("\n\n");
  return (
    <article
      className={classes("turn group py-2", isUnseen && "unseen")}
      data-role="assistant"
      data-ids={turn.ids.join(" ")}
      aria-busy={isGrowing}
    >
      <h2 className="sr-only">
        {t("thread.assistant")}
        {isUnseen && ` (${t("memory.unseen")})`}
      </h2>
      {pin.isPinned && <PinMark />}
      {nodes.map((node) => (
        <Piece
          key={node.id}
          node={node}
          isRaw={isRaw}
          isGrowing={isGrowing && isBeingWritten(node, nodes)}
          thinkingMs={thinkingMs}
        />
      ))}
      {isGrowing && text === "" && <Planks />}
      <Sources nodes={nodes} />
      {!isGrowing && (
        <Ending
          info={info}
          onRetry={() => session.regenerate(first)}
          onGoOn={isLast && !isBusy && text !== "" ? () => session.send(t("message.goOnWords")) : null}
        />
      )}
      {/* The buttons come when the answer is complete; their place is kept, so that nothing jumps then. */}
      {isGrowing && <div className="mt-1.5 min-h-8" aria-hidden />}
      {!isGrowing && (
        <Actions isAlwaysShown={isLast} className="-ml-2">
          <BranchPicker id={first} />
          <CompareButton id={first} />
          <CopyButton text={text} />
          <RatingButtons rating={rating} />
          <Regenerate id={first} />
          <PinButton pin={pin} />
          {response !== null && isHeld && info?.context && (
            <IconButton
              label={t("seen.open")}
              size="small"
              onClick={() => openDialog({ kind: "context", response })}
            >
              <Eye />
            </IconButton>
          )}
          {info !== undefined && <Details info={info} createdAt={nodes[0]?.createdAt ?? 0} />}
          <MoreMenu id={first} last={turn.ids.at(-1) ?? first}>
            <CopyItems text={text} />
            <MoreItem
              icon={<Code />}
              label={isRaw ? t("message.drawn") : t("message.raw")}
              onSelect={() => setRaw(!isRaw)}
            />
            <ReadItem id={first} text={text} />
          </MoreMenu>
          <StopReading id={first} />
        </Actions>
      )}
      <PinTrouble pin={pin} />
      {!isGrowing && <RatingPanel rating={rating} />}
    </article>
  );
});

/** How long it thought, in ms; null when nobody measured it. */
function timeOf(info: ResponseInfo | undefined): number | null {
  return info?.timing?.thinking_ms ?? null;
}

function CopyButton({ text }: { text: string }) {
  const t = useT();
  const copy = useCopy();
  return (
    <IconButton
      label={copy.isDone ? t("message.copied") : t("message.copy")}
      size="small"
      onClick={() => copy.run(text)}
    >
      {copy.isDone ? <Check /> : <Copy />}
    </IconButton>
  );
}
