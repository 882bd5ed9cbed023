/**
 * What a person wrote and this browser keeps outside of chats; it goes when the server does not know their key any more,
 * or somebody comes in with another: whoever sits here next is not to find it.
 */
import { perBrowser, perTab, remember } from "./storage";

/** The playground, in the tab and, for a new tab to begin with, in the browser. */
export const PLAYGROUND_KEY = "maru.playground";

const listeners = new Set<() => void>();

/** Have `forget` called when what this tab itself holds has to go, too. */
export function onDropped(forget: () => void): void {
  listeners.add(forget);
}

export function dropLeftovers(): void {
  for (const storage of [perTab, perBrowser]) remember(storage, PLAYGROUND_KEY, null);
  for (const forget of listeners) forget();
}

/** Drops what was left when the server refuses the key. */
export function droppingLeftovers(fetcher: typeof fetch): typeof fetch {
  return async (input, init) => {
    const answer = await fetcher(input, init);
    if (answer.status === 401) dropLeftovers();
    return answer;
  };
}

/** Drops it when another tab comes in with another key, which is kept in the browser under `name`. */
export function watchKey(name: string): void {
  addEventListener("storage", (event) => {
    if (event.key === name) dropLeftovers();
  });
}
