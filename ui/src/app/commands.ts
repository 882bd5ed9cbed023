import { Bookmark, Languages, Monitor, Moon, PanelLeft, SquarePen, Sun } from "lucide-react";
import { useMemo } from "react";

import { COMPOSER_ID } from "@/features/composer/Composer";
import type { Command } from "@/shared/commands";
import { keysOf } from "@/shared/commands";
import { openDialog } from "@/shared/dialogs";
import { chooseLocale } from "@/shared/i18n/i18n";
import { useSession } from "@/shared/session";
import { chooseTheme } from "@/shared/theme";

/** Everything that the palette can do. */
export function useCommandList(sidebar: { readonly isOpen: boolean; toggle(): void }): readonly Command[] {
  const session = useSession();
  const { isOpen, toggle } = sidebar;
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
      { name: "command.light", icon: Sun, run: () => chooseTheme("light") },
      { name: "command.dark", icon: Moon, run: () => chooseTheme("dark") },
      { name: "command.system", icon: Monitor, run: () => chooseTheme("system") },
      { name: "command.english", icon: Languages, run: () => void chooseLocale("en") },
      { name: "command.korean", icon: Languages, run: () => void chooseLocale("ko") },
      { name: "facts.title", icon: Bookmark, run: () => openDialog({ kind: "facts" }) },
    ],
    [session, isOpen, toggle],
  );
}

export function focusBox(): void {
  document.querySelector<HTMLElement>(`#${COMPOSER_ID}`)?.focus();
}
