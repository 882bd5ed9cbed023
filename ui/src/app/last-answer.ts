import type { Session } from "@/core/session";
import { openThread } from "@/core/state";
import { textOf, turnsOf } from "@/core/tree";
import { copyText } from "@/shared/clipboard";
import { isReading, stopReading } from "@/shared/read-aloud";

/** Copy something of the newest answer; false when there is nothing to copy. */
export function copyLast(session: Session, part: (text: string) => string): boolean {
  const text = part(lastAnswer(session).text);
  if (text === "") return false;
  void copyText(text);
  return true;
}

/** Read the newest answer aloud, or stop reading; false when there is nothing to read. */
export function readLast(session: Session): boolean {
  const { id, text } = lastAnswer(session);
  if (isReading()) stopReading();
  else if (text === "") return false;
  // What it takes to read comes with the messages.
  else void import("@/features/thread/ReadAloud").then(({ readMarkdown }) => readMarkdown(id, text));
  return true;
}

function lastAnswer(session: Session): { id: string; text: string } {
  const thread = openThread(session.store.getState());
  const turn = turnsOf(thread).findLast((one) => one.role === "assistant");
  const words = (turn?.ids ?? []).map((id) => textOf(thread.nodes[id])).filter(Boolean);
  return { id: turn?.ids[0] ?? "", text: words.join("\n\n") };
}

export function wholeText(text: string): string {
  return text;
}

/** The newest block of code in a message, without its fence. */
export function lastCodeIn(text: string): string {
  return [...text.matchAll(/^(```+|~~~+)[^\n]*\n([\s\S]*?)^\1/gm)].at(-1)?.[2] ?? "";
}
