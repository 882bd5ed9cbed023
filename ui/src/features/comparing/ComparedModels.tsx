import { Columns2, X } from "lucide-react";

import { OF_NEW_CHAT } from "@/core/chat-settings";
import { openDialog } from "@/shared/dialogs";
import { useT } from "@/shared/i18n/i18n";
import { focusBox } from "@/shared/insert";
import { useChat, useSession } from "@/shared/session";
import { IconButton } from "@/shared/ui/IconButton";

/** Over the box, while the next question goes to several models. */
export function ComparedModels() {
  const t = useT();
  const session = useSession();
  const chosen = useChat((state) => state.comparedModels[state.open ?? OF_NEW_CHAT]);
  if (chosen === undefined) return null;
  return (
    <div className="row-enter mb-2 flex items-center gap-2 rounded-2xl border bg-card py-1 pr-1.5 pl-4 text-sm shadow-card">
      <Columns2 className="size-4 shrink-0 text-wood" aria-hidden />
      <button
        type="button"
        className="min-w-0 flex-1 truncate rounded-md py-1.5 text-left hover:underline"
        onClick={() => openDialog({ kind: "compare", prompt: null })}
      >
        {t("compare.next", { models: chosen.join(", ") })}
      </button>
      <IconButton
        label={t("compare.off")}
        size="small"
        onClick={() => {
          session.comparing.choose([]);
          focusBox();
        }}
      >
        <X />
      </IconButton>
    </div>
  );
}
