import { Archive } from "lucide-react";

import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";

/** Above the message box of a conversation that was put away. */
export function ArchivedNotice() {
  const t = useT();
  const session = useSession();
  const open = useChat((state) => state.open);
  const isArchived = useChat((state) => open !== null && state.others[open]?.isArchived === true);
  if (open === null || !isArchived) return null;
  return (
    <div className="mb-2 flex items-center gap-2.5 rounded-2xl border bg-floor py-1.5 pr-1.5 pl-4 text-sm text-ink-soft">
      <Archive className="size-4 shrink-0" aria-hidden />
      <span className="min-w-0 flex-1">{t("archive.notice")}</span>
      <button type="button" className="button button-plain" onClick={() => void session.list.bringBack(open)}>
        {t("archive.back")}
      </button>
    </div>
  );
}
