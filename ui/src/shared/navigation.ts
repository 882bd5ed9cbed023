import { navigate } from "wouter/use-browser-location";

/** Whether the page on the screen was reached by the browser's back or forward button. */
let cameByHistory = false;

export function watchHistory(): void {
  addEventListener("popstate", () => {
    cameByHistory = true;
  });
}

export function wentByLink(): void {
  cameByHistory = false;
}

export function isBackOrForward(): boolean {
  return cameByHistory;
}

/** Where a model goes on with a text. */
export const PLAYGROUND = "/playground";

export function goToPlayground(): void {
  wentByLink();
  navigate(PLAYGROUND);
}

/** Where a conversation is, and which of its messages is meant. */
export function addressOf(conversation: string, item?: string): string {
  const path = `/c/${encodeURIComponent(conversation)}`;
  return item === undefined ? path : `${path}?${ITEM}=${encodeURIComponent(item)}`;
}

/** The message that an address means; `search` is what stands after its question mark. */
export function itemIn(search: string): string | null {
  return new URLSearchParams(search).get(ITEM);
}

const ITEM = "item";
