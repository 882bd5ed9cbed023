import { SlidersHorizontal } from "lucide-react";

import { hasSettings } from "@/core/chat-settings";
import { chatSettings } from "@/core/state";
import { openDialog } from "@/shared/dialogs";
import { useT } from "@/shared/i18n/i18n";
import { useChat } from "@/shared/session";
import { IconButton } from "@/shared/ui/IconButton";

/** How this chat is to be answered; in colour where something is set. */
export function ChatSettingsButton() {
  const t = useT();
  const isSet = useChat((state) => hasSettings(chatSettings(state, state.open)));
  return (
    <IconButton
      label={isSet ? t("chat.settingsSet") : t("chat.settings")}
      className={isSet ? "text-wood" : ""}
      onClick={() => openDialog({ kind: "chatSettings" })}
    >
      <SlidersHorizontal />
    </IconButton>
  );
}
