import { LoaderCircle } from "lucide-react";

import { useT } from "@/shared/i18n/i18n";

/** In place of the messages while they are fetched, or when they cannot be. */
export function ThreadNotice({ state }: { state: "loading" | "missing" | "failed" }) {
  const t = useT();
  return (
    <div className="flex min-h-0 flex-1 items-center justify-center px-6 text-center text-ink-soft">
      {state === "loading" ? (
        <LoaderCircle role="img" aria-label={t("thread.loading")} className="size-6 animate-spin text-wood" />
      ) : (
        <p>{t(`thread.${state}`)}</p>
      )}
    </div>
  );
}
