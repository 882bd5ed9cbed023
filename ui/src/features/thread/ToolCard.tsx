import { CircleAlert, LoaderCircle, Wrench } from "lucide-react";
import type { ReactNode } from "react";

import { openThread } from "@/core/state";
import type { Thread, TreeNode } from "@/core/tree";
import { pathTo } from "@/core/tree";
import { useT } from "@/shared/i18n/i18n";
import { CodeBlock } from "@/shared/markdown/Code";
import { useChat } from "@/shared/session";

import { Fold } from "./Fold";

const CARD = "rounded-xl border bg-floor px-3 py-1.5";

/** A call with what came of it, folded into one line. */
export function ToolCard({ call, isGrowing }: { call: TreeNode; isGrowing: boolean }) {
  const t = useT();
  const output = useChat((state) => outputOf(openThread(state), call));
  const isCutOff = !isGrowing && call.status === "incomplete";
  return (
    <Fold
      className={CARD}
      icon={iconOf(isGrowing, isCutOff)}
      title={
        <>
          <span className="font-mono text-ink">{call.name}</span>
          <span>{t(stateOf(isGrowing, isCutOff, output !== undefined))}</span>
        </>
      }
    >
      <h3 className="mt-1 mb-1 text-xs">{t("tool.arguments")}</h3>
      <CodeBlock code={readable(wordsOf(call))} language="json" />
      {output !== undefined && <Output node={output} />}
    </Fold>
  );
}

/** The output of a call; nothing where the card of the call shows it. */
export function LooseOutput({ node }: { node: TreeNode }) {
  const t = useT();
  const hasCall = useChat((state) => isCalledOn(openThread(state), node));
  if (hasCall) return null;
  return (
    <Fold
      className={CARD}
      icon={<Wrench className="text-wood" aria-hidden />}
      title={t("message.toolResult")}
    >
      <Output node={node} />
    </Fold>
  );
}

function Output({ node }: { node: TreeNode }) {
  const t = useT();
  const text = readable(wordsOf(node));
  return (
    <>
      <h3 className="mt-3 mb-1 text-xs">{t("message.toolResult")}</h3>
      <CodeBlock code={text} language={/^[[{]/.test(text) ? "json" : null} />
    </>
  );
}

function iconOf(isGrowing: boolean, isCutOff: boolean): ReactNode {
  if (isGrowing) return <LoaderCircle className="animate-spin text-wood" aria-hidden />;
  return isCutOff ? (
    <CircleAlert className="text-danger" aria-hidden />
  ) : (
    <Wrench className="text-wood" aria-hidden />
  );
}

function stateOf(isGrowing: boolean, isCutOff: boolean, isDone: boolean) {
  if (isGrowing) return "tool.writing";
  if (isCutOff) return "tool.cutOff";
  return isDone ? "tool.done" : "tool.waiting";
}

/** What a call gave, on the branch that is shown. */
function outputOf(thread: Thread, call: TreeNode): TreeNode | undefined {
  if (call.callId === null) return undefined;
  return pathTo(thread, thread.head)
    .map((id) => thread.nodes[id])
    .find((node) => node?.kind === "call_output" && node.callId === call.callId);
}

function isCalledOn(thread: Thread, output: TreeNode): boolean {
  return pathTo(thread, output.id).some((id) => {
    const other = thread.nodes[id];
    return other?.kind === "call" && other.callId === output.callId;
  });
}

function wordsOf(node: TreeNode): string {
  return node.parts.map((part) => part.text).join("\n\n");
}

/** JSON with room in it; anything else as it is. */
function readable(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? JSON.stringify(value, null, 2) : text;
  } catch {
    return text;
  }
}
