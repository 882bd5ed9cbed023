import { useCallback, useEffect, useState } from "react";

import { wordsOf } from "@/core/finding";
import type { WireHit } from "@/core/wire";
import { useSession } from "@/shared/session";

/** Who still types is waited for so long, in ms. */
const PAUSE_MS = 140;

export interface Found {
  readonly state: "idle" | "loading" | "ready" | "failed";
  readonly hits: readonly WireHit[];
  readonly hasMore: boolean;
}

const NOTHING: Found = { state: "idle", hits: [], hasMore: false };

/** What the server finds. Synchronises with it while somebody types; an answer that comes too late is dropped. */
export function useFound(query: string): Found & { more: () => void } {
  const session = useSession();
  const [found, setFound] = useState<Found & { readonly query: string }>({ ...NOTHING, query: "" });
  const hasWords = wordsOf(query).length > 0;
  useEffect(() => {
    if (!hasWords) return undefined;
    let isWanted = true;
    const timer = setTimeout(() => {
      session.seeking.find(query, null).then(
        (page) => isWanted && setFound({ state: "ready", hits: page.data, hasMore: page.has_more, query }),
        () => isWanted && setFound({ state: "failed", hits: [], hasMore: false, query }),
      );
    }, PAUSE_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [session, query, hasWords]);

  const { hits, query: foundFor } = found;
  const more = useCallback(() => {
    const last = hits.at(-1);
    if (last === undefined) return;
    session.seeking.find(foundFor, last.id).then(
      (page) =>
        setFound((before) =>
          before.query === foundFor && before.hits.at(-1) === last
            ? { ...before, hits: [...before.hits, ...page.data], hasMore: page.has_more }
            : before,
        ),
      // What is there stays; asking for more again tries again.
      () => undefined,
    );
  }, [session, hits, foundFor]);

  if (!hasWords) return { ...NOTHING, more };
  return { ...found, state: foundFor === query ? found.state : "loading", more };
}
