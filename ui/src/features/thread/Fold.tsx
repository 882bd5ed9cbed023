import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";

import { classes } from "@/shared/classes";

interface FoldProps {
  readonly icon: ReactNode;
  readonly title: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

/** One line that opens on what stands behind an answer. */
export function Fold({ icon, title, className, children }: FoldProps) {
  return (
    <details className={classes("group/fold mb-3 text-sm text-ink-soft", className)}>
      <summary className="inline-flex max-w-full cursor-pointer list-none items-center gap-1.5 rounded-lg py-1 hover:text-ink [&>svg]:size-4 [&>svg]:shrink-0">
        {icon}
        <span className="inline-flex min-w-0 flex-wrap gap-x-2">{title}</span>
        <ChevronRight className="transition-transform group-open/fold:rotate-90" aria-hidden />
      </summary>
      <div className="mt-1 [&_.prose]:text-sm">{children}</div>
    </details>
  );
}
