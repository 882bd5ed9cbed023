import { useRef } from "react";

import type { Sight } from "@/core/sight";
import { useT } from "@/shared/i18n/i18n";

import { SummaryFold } from "./SummaryFold";

/** Stands before the first message that the model still sees; over it, what stands for the older ones. */
export function MemoryLine({ sight }: { sight: Sight }) {
  const t = useT();
  const line = useRef<HTMLHeadingElement>(null);
  const { summary } = sight;
  return (
    <div className="py-5">
      {summary !== null && (
        <SummaryFold
          key={summary.id}
          summary={summary}
          isShown={sight.isSummaryShown}
          onDeleted={() => line.current?.focus()}
        />
      )}
      <h2
        ref={line}
        tabIndex={-1}
        className="flex items-center gap-3 text-xs font-medium text-wood before:h-px before:flex-1 before:bg-wood/35 after:h-px after:flex-1 after:bg-wood/35"
      >
        {t("memory.from")}
      </h2>
      {summary === null && (
        <p className="mt-1.5 text-center text-xs text-balance text-ink-soft">{t("memory.hint")}</p>
      )}
    </div>
  );
}
