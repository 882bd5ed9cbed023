import { MessageCircleDashed } from "lucide-react";

import { isTemporaryNow } from "@/core/state";
import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";
import { IconButton } from "@/shared/ui/IconButton";

/** Before a chat begins: whether anything of it is kept. In one that is not: says so. */
export function TemporaryButton() {
  const t = useT();
  const session = useSession();
  const isNew = useChat((state) => state.open === null);
  const isOn = useChat(isTemporaryNow);
  if (!isNew) return isOn ? <Mark /> : null;
  return (
    <IconButton
      label={t("temporary.switch")}
      aria-pressed={isOn}
      className="aria-pressed:bg-wood-soft"
      onClick={() => session.setTemporary(!isOn)}
    >
      <MessageCircleDashed />
    </IconButton>
  );
}

function Mark() {
  const t = useT();
  return (
    <span
      className="flex items-center gap-1.5 rounded-full bg-wood-soft px-3 py-1 text-xs"
      title={t("temporary.hint")}
    >
      <MessageCircleDashed className="size-3.5 text-wood" aria-hidden />
      {t("temporary.mark")}
    </span>
  );
}
