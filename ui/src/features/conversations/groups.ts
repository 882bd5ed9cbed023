/** Conversations by when they last changed, as people remember them; those that are pinned before the others. */
import type { Conversation } from "@/core/state";

export type GroupName = "pinned" | "today" | "yesterday" | "week" | "month" | "older";

export interface Group {
  readonly name: GroupName;
  readonly conversations: readonly Conversation[];
}

const ORDER: readonly GroupName[] = ["pinned", "today", "yesterday", "week", "month", "older"];

export function groupsOf(conversations: readonly Conversation[], now: Date): Group[] {
  // What lies in a folder is listed there.
  const here = conversations.filter((one) => one.isPinned || one.folder === null);
  const found = Map.groupBy(here, (one) =>
    one.isPinned ? "pinned" : groupOf(new Date(one.updatedAt * 1000), now),
  );
  return ORDER.flatMap((name) => {
    const members = found.get(name);
    return members === undefined ? [] : [{ name, conversations: members }];
  });
}

function groupOf(changed: Date, now: Date): GroupName {
  // Days are counted between midnights of the person's own clock, so a change of daylight saving is no matter.
  const days = Math.round((midnight(now) - midnight(changed)) / 86_400_000);
  if (days <= 0) return "today";
  if (days === 1) return "yesterday";
  if (days <= 7) return "week";
  return days <= 30 ? "month" : "older";
}

function midnight(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
