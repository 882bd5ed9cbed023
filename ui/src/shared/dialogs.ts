/** Which of the large dialogs is open; whoever wants one asks here, and `app/` draws it. */
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

import type { Source } from "@/shared/files/use-content";

export type Dialog =
  /** What the model of an answer was shown. */
  | { readonly kind: "context"; readonly response: string }
  /** What the person wants to be known in all conversations. */
  | { readonly kind: "facts" }
  /** What the person tells all models. */
  | { readonly kind: "custom" }
  /** What the person uses again; `text` is to become one more of it. */
  | { readonly kind: "prompts"; readonly text: string | null }
  /** What stands in the places of one prompt. */
  | { readonly kind: "fill"; readonly prompt: string }
  /** Conversations that were put away. */
  | { readonly kind: "archive" }
  /** How the open chat is to be answered. */
  | { readonly kind: "chatSettings" }
  /** Which models answer the message `prompt`, or the next question (null). */
  | { readonly kind: "compare"; readonly prompt: string | null }
  /** A picture of a message, large. */
  | ({ readonly kind: "picture"; readonly name: string } & Source)
  /** A text of a message; `draft` is ours of one that was not sent, whose words may go into the message instead. */
  | ({ readonly kind: "textFile"; readonly name: string; readonly draft: string | null } & Source)
  /** All branches of the open conversation. */
  | { readonly kind: "map" }
  /** Which keys do what. */
  | { readonly kind: "shortcuts" }
  /** Conversations, messages and commands, found by their words. */
  | { readonly kind: "palette" }
  /** One more of that; `text` is what was said. */
  | { readonly kind: "remember"; readonly text: string }
  /** One conversation as a file. */
  | { readonly kind: "export"; readonly conversation: string }
  /** The links by which others read one conversation, or all links (null). */
  | { readonly kind: "shares"; readonly conversation: string | null }
  /** Everything out, and in from elsewhere. */
  | { readonly kind: "moving" }
  /** The order of the answers to one message. */
  | { readonly kind: "rank"; readonly prompt: string }
  /** What an answer should have been. */
  | { readonly kind: "better"; readonly item: string };

interface Shown {
  readonly dialog: Dialog | null;
  /** Gets the focus back. */
  readonly opener: HTMLElement | null;
}

const store = createStore<Shown>(() => ({ dialog: null, opener: null }));

export function openDialog(dialog: Dialog, opener: Element | null = document.activeElement): void {
  store.setState({ dialog, opener: opener instanceof HTMLElement ? opener : null });
}

export function closeDialog(): void {
  store.setState({ dialog: null });
}

/** What closes the dialog that is open now, and no other that is open by then. */
export function closerOfThis(): () => void {
  const { dialog: mine } = store.getState();
  return () => {
    if (store.getState().dialog === mine) closeDialog();
  };
}

/** Where the focus is to go elsewhere than back: there, or (null) where it is put by hand. */
export function forgetOpener(instead: HTMLElement | null = null): void {
  store.setState({ opener: instead });
}

/** To be called when the dialog is gone. */
export function focusOpener(): void {
  store.getState().opener?.focus();
}

export function useDialog(): Dialog | null {
  return useStore(store, (shown) => shown.dialog);
}
