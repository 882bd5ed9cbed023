import { RefreshCw } from "lucide-react";

import { useT } from "@/shared/i18n/i18n";
import { useChat } from "@/shared/session";
import { TextButton } from "@/shared/ui/TextButton";
import { useHasNewVersion } from "@/shared/version";

/** Never in the middle of an answer, and never by itself: somebody may be writing. */
export function NewVersion() {
  const t = useT();
  const isNew = useHasNewVersion();
  const isBusy = useChat((state) =>
    Object.values(state.threads).some(({ thread }) => Object.keys(thread.runs).length > 0),
  );
  if (!isNew || isBusy) return null;
  return (
    <div role="status" className="absolute inset-x-0 top-16 z-20 flex justify-center px-4">
      <div className="row-enter flex items-center gap-1 rounded-full border bg-card py-1 pr-1.5 pl-4 text-sm shadow-card">
        {t("version.new")}
        <TextButton onClick={() => location.reload()}>
          <RefreshCw aria-hidden />
          {t("version.reload")}
        </TextButton>
      </div>
    </div>
  );
}
