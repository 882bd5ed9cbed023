import type { Source, TreeNode } from "@/core/tree";
import { safeLink } from "@/shared/markdown/links";

/** What an answer rests on: each address once, in order; only such as lead to a page. */
export function sourcesOf(nodes: readonly Pick<TreeNode, "parts">[]): Source[] {
  const found = new Map<string, Source>();
  for (const source of nodes.flatMap((node) => node.parts.flatMap((part) => part.sources ?? []))) {
    const isPage = /^https?:/i.test(source.url) && safeLink(source.url) !== null;
    if (isPage && !found.has(source.url)) found.set(source.url, source);
  }
  return [...found.values()];
}
