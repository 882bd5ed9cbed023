/**
 * Which keys do what, and how a person changes that; kept per browser.
 *
 * Keys are told by their place, not by what is printed on them, so that a Hangul layout changes nothing. `Mod` is Ctrl,
 * or ⌘ where there is one.
 */
import { useSyncExternalStore } from "react";

import { perBrowser, recall, remember } from "@/shared/storage";

const DEFAULTS = {
  newChat: "Mod+Shift+KeyO",
  temporary: "Mod+Shift+Quote",
  search: "Mod+KeyK",
  toggleSidebar: "Mod+KeyB",
  focusBox: "Shift+Escape",
  stop: "Escape",
  copyAnswer: "Mod+Shift+KeyU",
  copyCode: "Mod+Shift+Semicolon",
  readAloud: "Mod+Shift+KeyL",
  deleteChat: "Mod+Shift+Backspace",
  help: "Mod+Slash",
} as const;

export type Action = keyof typeof DEFAULTS;
export const ACTIONS = Object.keys(DEFAULTS) as Action[];

/** By action; null: no keys do it. */
export type Bindings = Readonly<Record<Action, string | null>>;

/** Browsers keep these for themselves, or people would lose their tab. */
const RESERVED = new Set(
  [
    "KeyR",
    "KeyN",
    "KeyT",
    "KeyW",
    "KeyL",
    "KeyF",
    "KeyC",
    "KeyV",
    "KeyX",
    "KeyA",
    "KeyZ",
    "KeyP",
    "KeyS",
  ].map((code) => `Mod+${code}`),
)
  .add("Mod+Shift+KeyN")
  .add("Mod+Shift+KeyT")
  .add("Mod+Shift+KeyW")
  .add("Mod+Shift+KeyR");
const MODIFIERS = /^(?:Control|Shift|Alt|Meta|OS|AltGraph)/;
const STORAGE_KEY = "maru.shortcuts";

export interface KeyStroke {
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

/** The keys in one word; null for a modifier alone. */
export function strokeOf(key: KeyStroke): string | null {
  if (key.code === "" || MODIFIERS.test(key.code)) return null;
  const parts = [
    (key.ctrlKey || key.metaKey) && "Mod",
    key.altKey && "Alt",
    key.shiftKey && "Shift",
    key.code,
  ];
  return parts.filter(Boolean).join("+");
}

export function actionOf(key: KeyStroke, bindings: Bindings): Action | null {
  const stroke = strokeOf(key);
  return stroke === null ? null : (ACTIONS.find((action) => bindings[action] === stroke) ?? null);
}

export type Refusal = "reserved" | "bare" | { readonly takenBy: Action };

/** Why `stroke` may not be the keys of `action`; null when it may. */
export function refusalOf(action: Action, stroke: string, bindings: Bindings): Refusal | null {
  if (RESERVED.has(stroke)) return "reserved";
  // A letter alone would be typed, and not heard; function keys and Escape are typed by nobody.
  if (!/(?:Mod|Alt)\+/.test(stroke) && !/(?:^|\+)(?:F\d+|Escape)$/.test(stroke)) return "bare";
  const takenBy = ACTIONS.find((other) => other !== action && bindings[other] === stroke);
  return takenBy === undefined ? null : { takenBy };
}

/** What is kept; what cannot be read is as at first. */
export function readBindings(text: string | null): Bindings {
  try {
    const kept = JSON.parse(text ?? "{}") as Partial<Record<string, unknown>>;
    const known = ACTIONS.filter((action) => kept[action] === null || typeof kept[action] === "string");
    return { ...DEFAULTS, ...Object.fromEntries(known.map((action) => [action, kept[action]])) };
  } catch {
    return DEFAULTS;
  }
}

let current = readBindings(recall(perBrowser, STORAGE_KEY));
const listeners = new Set<() => void>();

export function bindingsNow(): Bindings {
  return current;
}

/** null: off. */
export function bind(action: Action, stroke: string | null): void {
  keep({ ...current, [action]: stroke });
}

export function resetBindings(): void {
  keep(DEFAULTS);
}

function keep(next: Bindings): void {
  current = next;
  const changed = ACTIONS.filter((action) => next[action] !== DEFAULTS[action]);
  const text = JSON.stringify(Object.fromEntries(changed.map((action) => [action, next[action]])));
  remember(perBrowser, STORAGE_KEY, changed.length === 0 ? null : text);
  for (const listener of listeners) listener();
}

export function useBindings(): Bindings {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}

const MAC_SIGNS: Readonly<Record<string, string>> = { Mod: "⌘", Shift: "⇧", Alt: "⌥" };
const SIGNS: Readonly<Record<string, string>> = {
  Mod: "Ctrl",
  Escape: "Esc",
  Slash: "/",
  Semicolon: ";",
  Comma: ",",
  Period: ".",
  Quote: "'",
  Backslash: "\\",
  BracketLeft: "[",
  BracketRight: "]",
  Minus: "-",
  Equal: "=",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
};

/** The keys one by one, as they stand on the keyboard. */
export function signsOf(stroke: string, isMac: boolean): string[] {
  return stroke
    .split("+")
    .map((key) => (isMac ? MAC_SIGNS[key] : undefined) ?? SIGNS[key] ?? key.replace(/^(?:Key|Digit)/, ""));
}
