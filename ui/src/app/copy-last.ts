import type { Session } from "@/core/session";
import { openThread } from "@/core/state";
import { textOf, turnsOf } from "@/core/tree";
import { copyText } from "@/shared/clipboard";

/** Copy something of the newest answer; false when there is nothing to copy. */
export function copyLast(session: Session, part: (text: string) => string): boolean {
  const thread = openThread(session.store.getState());
  const turn = turnsOf(thread).findLast((one) => one.role === "assistant");
  const words = (turn?.ids ?? []).map((id) => textOf(thread.nodes[id])).filter(Boolean);
  const text = part(words.join("\n\n"));
  if (text === "") return false;
  void copyText(text);
  return true;
}

export function wholeText(text: string): string {
  return text;
}

/** The newest block of code in a message, without its fence. */
export function lastCodeIn(text: string): string {
  return [...text.matchAll(/^(```+|~~~+)[^\n]*\n([\s\S]*?)^\1/gm)].at(-1)?.[2] ?? "";
}
