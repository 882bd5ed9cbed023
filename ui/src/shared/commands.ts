/** What a person can tell the page to do by name; `app/` makes the list. */
import type { LucideIcon } from "lucide-react";

import type { Key } from "@/shared/i18n/en";

type Name = Extract<
  Key,
  | `command.${string}`
  | "app.newChat"
  | "app.openSidebar"
  | "app.closeSidebar"
  | "facts.title"
  | "custom.title"
  | "prompts.title"
  | "archive.title"
  | "folder.new"
  | "shortcuts.title"
>;

export interface Command {
  readonly name: Name;
  readonly icon: LucideIcon;
  /** The keys that do the same, as they are shown. */
  readonly keys?: string;
  readonly run: () => void;
}

export const isMac = /Mac|iPhone|iPad/u.test(navigator.userAgent);

/** A shortcut as this computer's people write it; `key` comes with Ctrl or ⌘. */
export function keysOf(key: string, withShift = false): string {
  if (isMac) return `${withShift ? "⇧" : ""}⌘${key}`;
  return `Ctrl+${withShift ? "Shift+" : ""}${key}`;
}
