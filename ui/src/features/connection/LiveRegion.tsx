import { useT } from "@/shared/i18n/i18n";
import { useChat } from "@/shared/session";

/** One quiet voice for screen readers: that an answer began, and how it ended. The messages are no live region. */
export function LiveRegion() {
  const t = useT();
  const announcement = useChat((state) => state.announcement);
  return (
    <div role="status" className="sr-only">
      {announcement !== null && <span key={announcement.count}>{t(`status.${announcement.kind}`)}</span>}
    </div>
  );
}
