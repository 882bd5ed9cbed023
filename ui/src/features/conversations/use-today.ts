import { useMemo, useSyncExternalStore } from "react";

/** The day it is; a tab that was left open over night learns it when it is looked at again. */
export function useToday(): Date {
  const day = useSyncExternalStore(subscribe, () => new Date().toDateString());
  return useMemo(() => new Date(day), [day]);
}

function subscribe(listener: () => void): () => void {
  document.addEventListener("visibilitychange", listener);
  return () => document.removeEventListener("visibilitychange", listener);
}
