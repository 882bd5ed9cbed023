import { Globe } from "lucide-react";

import type { TreeNode } from "@/core/tree";
import { useT } from "@/shared/i18n/i18n";
import { hostOf } from "@/shared/markdown/links";

import { sourcesOf } from "./sources";

/** The pages that an answer rests on, with their hosts; no picture of theirs, which would tell them who reads. */
export function Sources({ nodes }: { nodes: readonly TreeNode[] }) {
  const t = useT();
  const sources = sourcesOf(nodes);
  if (sources.length === 0) return null;
  return (
    <section aria-label={t("sources.label")} className="mt-3">
      <ol className="flex flex-wrap gap-1.5">
        {sources.map(({ url, title }, index) => (
          <li key={url} className="max-w-full">
            <a
              href={url}
              target="_blank"
              rel="noopener noreferrer nofollow"
              title={url}
              className="flex max-w-80 items-center gap-1.5 rounded-full border bg-card px-3 py-1 text-sm hover:bg-hover pointer-coarse:py-2"
            >
              <Globe className="size-3.5 shrink-0 text-wood" aria-hidden />
              <span className="text-ink-soft tabular-nums">{index + 1}</span>
              {title !== "" && <span className="truncate">{title}</span>}
              <span className="max-w-40 shrink-0 truncate text-ink-soft">{hostOf(url)}</span>
            </a>
          </li>
        ))}
      </ol>
    </section>
  );
}
