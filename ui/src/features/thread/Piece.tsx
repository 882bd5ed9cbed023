import { Brain } from "lucide-react";

import type { TreeNode } from "@/core/tree";
import { textOf } from "@/core/tree";
import { useSpeech } from "@/shared/i18n/i18n";
import { Markdown } from "@/shared/markdown/Markdown";

import { Fold } from "./Fold";
import { LooseOutput, ToolCard } from "./ToolCard";

/** Thinking that took less than this is not worth a number, in ms. */
const WORTH_TELLING_MS = 500;

interface PieceProps {
  readonly node: TreeNode;
  readonly isGrowing: boolean;
  /** Words as the model wrote them, with their markup. */
  readonly isRaw: boolean;
  /** Of the answer's only thinking; null where that is not known. */
  readonly thinkingMs: number | null;
}

/** One item of an answer: words, thinking, a call of a tool and what it gave. */
export function Piece({ node, isGrowing, isRaw, thinkingMs }: PieceProps) {
  switch (node.kind) {
    case "message":
      if (isRaw) return <p className="font-mono text-sm break-words whitespace-pre-wrap">{textOf(node)}</p>;
      return <Markdown text={textOf(node)} isGrowing={isGrowing} />;
    case "reasoning":
      return <Thoughts node={node} isGrowing={isGrowing} thinkingMs={thinkingMs} />;
    case "call":
      return <ToolCard call={node} isGrowing={isGrowing} />;
    case "call_output":
      return <LooseOutput node={node} />;
    case "other":
      return null;
    default:
      node.kind satisfies never;
      return null;
  }
}

function Thoughts({ node, isGrowing, thinkingMs }: Omit<PieceProps, "isRaw">) {
  const { locale, t } = useSpeech();
  const text = node.parts.map((part) => part.text).join("\n\n");
  if (text === "") return null;
  return (
    <Fold
      icon={<Brain className={isGrowing ? "animate-pulse text-wood" : ""} aria-hidden />}
      title={titleOf()}
      className="[&>div]:border-l-2 [&>div]:border-line [&>div]:pl-4"
    >
      <Markdown text={text} isGrowing={isGrowing} />
    </Fold>
  );

  function titleOf(): string {
    if (isGrowing) return t("message.thinking");
    if (thinkingMs === null || thinkingMs < WORTH_TELLING_MS) return t("message.thought");
    const seconds = new Intl.NumberFormat(locale).format(Math.max(1, Math.round(thinkingMs / 1000)));
    return t("message.thoughtFor", { seconds });
  }
}
