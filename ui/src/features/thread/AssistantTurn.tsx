import { Check, ChevronRight, Copy, Eye, Info } from "lucide-react";
import { Popover } from "radix-ui";
import type { ReactNode } from "react";
import { memo } from "react";
import { useShallow } from "zustand/react/shallow";

import { isRunning, openThread } from "@/core/state";
import type { ResponseInfo, TreeNode, Turn } from "@/core/tree";
import { textOf } from "@/core/tree";
import { RatingButtons, RatingPanel, useRating } from "@/features/feedback/Rating";
import { classes } from "@/shared/classes";
import { openDialog } from "@/shared/dialogs";
import { useSpeech, useT } from "@/shared/i18n/i18n";
import { Markdown } from "@/shared/markdown/Markdown";
import { useChat, useSession } from "@/shared/session";
import { IconButton } from "@/shared/ui/IconButton";
import { Planks } from "@/shared/ui/Logo";
import { useCopy } from "@/shared/use-copy";

import { Actions } from "./Actions";
import { BranchPicker } from "./BranchPicker";
import { Ending } from "./Ending";
import { MoreMenu } from "./MoreMenu";
import { PinButton, PinMark, PinTrouble, usePin } from "./Pin";
import { Regenerate } from "./Regenerate";

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
  const text = nodes.map(textOf).filter(Boolean).join("\n\n");
  return (
    <article
      className={classes("row group py-2", isUnseen && "unseen")}
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
        <Piece key={node.id} node={node} isGrowing={isGrowing && node.status === "in_progress"} />
      ))}
      {isGrowing && text === "" && <Planks />}
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
          <CopyButton text={text} />
          <RatingButtons rating={rating} />
          <Regenerate id={first} />
          <PinButton pin={pin} />
          {response !== null && info?.context && (
            <IconButton
              label={t("seen.open")}
              size="small"
              onClick={() => openDialog({ kind: "context", response })}
            >
              <Eye />
            </IconButton>
          )}
          {info !== undefined && <Details info={info} createdAt={nodes[0]?.createdAt ?? 0} />}
          <MoreMenu id={first} />
        </Actions>
      )}
      <PinTrouble pin={pin} />
      {!isGrowing && <RatingPanel rating={rating} />}
    </article>
  );
});

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

function Piece({ node, isGrowing }: { node: TreeNode; isGrowing: boolean }) {
  const t = useT();
  const text = node.parts.map((part) => part.text).join("\n\n");
  switch (node.kind) {
    case "message":
      return <Markdown text={textOf(node)} isGrowing={isGrowing} />;
    case "reasoning":
      return text === "" ? null : (
        <Fold title={isGrowing ? t("message.thinking") : t("message.thought")}>
          <Markdown text={text} isGrowing={isGrowing} />
        </Fold>
      );
    case "call":
      return (
        <Fold title={t("message.tool", { name: node.name ?? "" })}>
          <pre className="whitespace-pre-wrap">{text}</pre>
        </Fold>
      );
    case "call_output":
      return (
        <Fold title={t("message.toolResult")}>
          <pre className="whitespace-pre-wrap">{text}</pre>
        </Fold>
      );
    case "other":
      return null;
    default:
      node.kind satisfies never;
      return null;
  }
}

function Fold({ title, children }: { title: string; children: ReactNode }) {
  return (
    <details className="group/fold mb-3 text-sm text-ink-soft">
      <summary className="inline-flex cursor-pointer list-none items-center gap-1.5 rounded-lg py-1 hover:text-ink">
        <ChevronRight className="size-4 transition-transform group-open/fold:rotate-90" aria-hidden />
        {title}
      </summary>
      <div className="mt-1 border-l-2 border-line pl-4 [&_.prose]:text-sm">{children}</div>
    </details>
  );
}

/** Which model, how much, how fast. */
function Details({ info, createdAt }: { info: ResponseInfo; createdAt: number }) {
  const { locale, t } = useSpeech();
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const time = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const { usage, writingMs } = info;
  const speed =
    usage !== null && writingMs !== null && writingMs > 0 ? (usage.output_tokens * 1000) / writingMs : null;
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <IconButton label={t("message.details")} size="small">
          <Info />
        </IconButton>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="menu px-4! py-3! text-sm"
          side="top"
          align="start"
          sideOffset={6}
          collisionPadding={8}
          aria-label={t("message.details")}
        >
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 [&>dt]:text-ink-soft">
            <dt>{t("details.model")}</dt>
            <dd>{info.model}</dd>
            {usage !== null && (
              <>
                <dt>{t("details.tokens")}</dt>
                <dd>
                  {t("details.tokensValue", {
                    input: number.format(usage.input_tokens),
                    output: number.format(usage.output_tokens),
                  })}
                </dd>
              </>
            )}
            {speed !== null && (
              <>
                <dt>{t("details.speed")}</dt>
                <dd>{t("details.speedValue", { speed: number.format(speed) })}</dd>
              </>
            )}
            {createdAt > 0 && (
              <>
                <dt>{t("details.time")}</dt>
                <dd>{time.format(new Date(createdAt * 1000))}</dd>
              </>
            )}
          </dl>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
