/** Which language the page speaks. A switch re-renders and keeps what was typed. */
import { useSyncExternalStore } from "react";

import { perBrowser, recall, remember } from "@/shared/storage";

import type { Args, Dict, Key } from "./en";
import { en } from "./en";

export const LOCALES = { en: "English", ko: "한국어" } as const;
export type Locale = keyof typeof LOCALES;

const STORAGE_KEY = "maru.language";

interface Speech {
  readonly locale: Locale;
  readonly t: Translate;
}

export type Translate = <K extends Key>(key: K, ...args: Args<K>) => string;

/** Of which language it is to be; one that is fetched may come after another was chosen. */
let wanted: Locale = "en";
let speech: Speech = { locale: "en", t: translator(en) };
const listeners = new Set<() => void>();

function translator(dict: Dict): Translate {
  return (key, ...args) => {
    const values: Readonly<Record<string, string | number>> = args[0] ?? {};
    return dict[key].replaceAll(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
  };
}

/** Called before the first paint, so that nobody sees the page change its language. */
export async function speakFirst(): Promise<void> {
  const chosen = recall(perBrowser, STORAGE_KEY);
  await speak(isLocale(chosen) ? chosen : preferred(navigator.languages));
}

/** Change the language and keep the choice. */
export async function chooseLocale(locale: Locale): Promise<void> {
  remember(perBrowser, STORAGE_KEY, locale);
  await speak(locale);
}

/** The first of the browser's languages that the page speaks. */
export function preferred(languages: readonly string[]): Locale {
  for (const language of languages) {
    const base = language.split("-")[0] ?? "";
    if (isLocale(base)) return base;
  }
  return "en";
}

async function speak(locale: Locale): Promise<void> {
  wanted = locale;
  const dict = locale === "ko" ? (await import("./ko")).ko : en;
  if (wanted !== locale) return;
  speech = { locale, t: translator(dict) };
  // The browser chooses Han glyphs and hyphenation by it.
  document.documentElement.lang = locale;
  for (const listener of listeners) listener();
}

function isLocale(value: string | null): value is Locale {
  return value !== null && Object.hasOwn(LOCALES, value);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSpeech(): Speech {
  return useSyncExternalStore(subscribe, () => speech);
}

export function useT(): Translate {
  return useSpeech().t;
}
