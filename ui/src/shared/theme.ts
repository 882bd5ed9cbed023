/** Light, dark, or like the system. `public/theme.js` does the same before the first paint. */
import { useSyncExternalStore } from "react";

import { perBrowser, recall, remember } from "@/shared/storage";

export type Theme = "light" | "dark" | "system";

const STORAGE_KEY = "maru.theme";
const listeners = new Set<() => void>();
const systemIsDark = (): MediaQueryList => matchMedia("(prefers-color-scheme: dark)");

function current(): Theme {
  const chosen = recall(perBrowser, STORAGE_KEY);
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

export function chooseTheme(theme: Theme): void {
  remember(perBrowser, STORAGE_KEY, theme === "system" ? null : theme);
  apply();
  for (const listener of listeners) listener();
}

function apply(): void {
  const theme = current();
  const isDark = theme === "dark" || (theme === "system" && systemIsDark().matches);
  document.documentElement.classList.toggle("dark", isDark);
  document.documentElement.style.colorScheme = isDark ? "dark" : "light";
}

/** Follow the system while nothing was chosen. */
export function followSystemTheme(): void {
  systemIsDark().addEventListener("change", apply);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether the page is dark now, whoever decided it. */
export function useIsDark(): boolean {
  return useSyncExternalStore(watchClass, () => document.documentElement.classList.contains("dark"));
}

function watchClass(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributeFilter: ["class"] });
  return () => observer.disconnect();
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, current);
}
