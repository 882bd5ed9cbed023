import { useEffect, useState } from "react";

/**
 * What `load` brings, once it is there; null before, after a failure, and while `key` is null. Synchronises with the
 * network: chunks are fetched when they are first needed.
 *
 * @param load must be the same function while `key` is the same.
 */
export function useLoaded<T>(key: string | null, load: (key: string) => Promise<T | null>): T | null {
  const [loaded, setLoaded] = useState<{ key: string; value: T | null } | null>(null);
  useEffect(() => {
    if (key === null) return undefined;
    let isWanted = true;
    load(key)
      .then((value) => {
        if (isWanted) setLoaded({ key, value });
        return null;
      })
      .catch(() => undefined);
    return () => {
      isWanted = false;
    };
  }, [key, load]);
  return loaded !== null && loaded.key === key ? loaded.value : null;
}
