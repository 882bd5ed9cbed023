/** What was typed and not sent, per conversation; survives a reload of this tab. */
import { isTemporary } from "@/core/frames";
import { perTab, recall, remember } from "@/shared/storage";

const key = (conversation: string | null): string => `maru.draft.${conversation ?? "new"}`;

export function draftOf(conversation: string | null): string {
  return recall(perTab, key(conversation)) ?? "";
}

export function keepDraft(conversation: string | null, text: string): void {
  if (isTemporary(conversation)) return;
  remember(perTab, key(conversation), text);
}
