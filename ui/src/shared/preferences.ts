/** Small choices of a person about the page, kept per browser. */
import { useSyncExternalStore } from "react";

import { perBrowser, recall, remember } from "@/shared/storage";

/** What each choice is until somebody chooses. */
const DEFAULTS = {
  /** The page scrolls along with an answer that is longer than the screen. */
  follow: true,
  /** Enter sends and Shift+Enter begins a line; else Enter begins a line and Ctrl/⌘+Enter sends. */
  enterSends: true,
} as const;

export type Preference = keyof typeof DEFAULTS;

const listeners = new Set<() => void>();
const keyOf = (name: Preference): string => `maru.prefers.${name}`;

export function prefers(name: Preference): boolean {
  const chosen = recall(perBrowser, keyOf(name));
  return chosen === null ? DEFAULTS[name] : chosen === "yes";
}

export function choose(name: Preference, isOn: boolean): void {
  remember(perBrowser, keyOf(name), isOn ? "yes" : "no");
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  // Another tab of this browser.
  addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    removeEventListener("storage", listener);
  };
}

export function usePreference(name: Preference): boolean {
  return useSyncExternalStore(subscribe, () => prefers(name));
}
