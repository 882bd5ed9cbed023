import {
  Archive,
  Bookmark,
  Columns2,
  FolderPlus,
  Keyboard,
  Languages,
  Monitor,
  Moon,
  PanelLeft,
  Pin,
  PinOff,
  ScrollText,
  SquarePen,
  Sun,
  TextCursorInput,
  Trash2,
  UserPen,
} from "lucide-react";
import { useMemo } from "react";

import type { Session } from "@/core/session";
import { conversationFor } from "@/core/state";
import type { Command } from "@/shared/commands";
import { keysOf } from "@/shared/commands";
import { openDialog } from "@/shared/dialogs";
import { chooseLocale, useT } from "@/shared/i18n/i18n";
import { focusBox } from "@/shared/insert";
import { goToPlayground } from "@/shared/navigation";
import { useChat, useSession } from "@/shared/session";
import { chooseTheme } from "@/shared/theme";

/** Everything that the palette can do. */
export function useCommandList(sidebar: { readonly isOpen: boolean; toggle(): void }): readonly Command[] {
  const t = useT();
  const session = useSession();
  const { isOpen, toggle } = sidebar;
  const open = useChat((state) => state.open);
  const isPinned = useChat(
    (state) => state.open !== null && conversationFor(state, state.open)?.isPinned === true,
  );
  return useMemo(
    () => [
      {
        name: "app.newChat",
        icon: SquarePen,
        keys: keysOf("O", true),
        run: () => {
          session.newChat();
          focusBox();
        },
      },
      {
        name: isOpen ? "app.closeSidebar" : "app.openSidebar",
        icon: PanelLeft,
        keys: keysOf("B"),
        run: toggle,
      },
      {
        name: "folder.new",
        icon: FolderPlus,
        run: () => {
          // Its name is written there.
          if (!isOpen) toggle();
          void session.list.folders.create(t("folder.unnamed"), null);
        },
      },
      { name: "command.compare", icon: Columns2, run: () => openDialog({ kind: "compare", prompt: null }) },
      { name: "command.playground", icon: TextCursorInput, run: goToPlayground },
      ...ofOpenChat(session, open, isPinned),
      { name: "command.light", icon: Sun, run: () => chooseTheme("light") },
      { name: "command.dark", icon: Moon, run: () => chooseTheme("dark") },
      { name: "command.system", icon: Monitor, run: () => chooseTheme("system") },
      { name: "command.english", icon: Languages, run: () => void chooseLocale("en") },
      { name: "command.korean", icon: Languages, run: () => void chooseLocale("ko") },
      { name: "shortcuts.title", icon: Keyboard, run: () => openDialog({ kind: "shortcuts" }) },
      { name: "prompts.title", icon: ScrollText, run: () => openDialog({ kind: "prompts", text: null }) },
      { name: "custom.title", icon: UserPen, run: () => openDialog({ kind: "custom" }) },
      { name: "facts.title", icon: Bookmark, run: () => openDialog({ kind: "facts" }) },
      { name: "archive.title", icon: Archive, run: () => openDialog({ kind: "archive" }) },
    ],
    [session, isOpen, toggle, open, isPinned, t],
  );
}

function ofOpenChat(session: Session, open: string | null, isPinned: boolean): readonly Command[] {
  if (open === null) return [];
  return [
    {
      name: isPinned ? "command.unpin" : "command.pin",
      icon: isPinned ? PinOff : Pin,
      run: () => void session.list.pin(open, !isPinned),
    },
    { name: "command.archive", icon: Archive, run: () => void session.list.archive(open) },
    {
      name: "command.delete",
      icon: Trash2,
      keys: keysOf("⌫", true),
      run: () => session.list.remove(open),
    },
  ];
}
