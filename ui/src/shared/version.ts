/** Whether the server has a newer page than this one. */
import { useSyncExternalStore } from "react";

let hasNewVersion = false;
const listeners = new Set<() => void>();

export function noticeNewVersion(): void {
  hasNewVersion = true;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useHasNewVersion(): boolean {
  return useSyncExternalStore(subscribe, () => hasNewVersion);
}
