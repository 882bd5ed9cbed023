/** A tab that was duplicated has the other one's notes: what waits to be sent there must not be sent from here too. */
import { perTab, recall, remember } from "@/shared/storage";

const CHANNEL = "maru.tabs";
const NAME_KEY = "maru.tab";
/** Two that open in the same moment ask each other; after this one knows that one was first. */
const SETTLED_MS = 1_000;

interface Question {
  readonly kind: "asks" | "answers";
  /** Of the tab: the same for a duplicate and its original. */
  readonly name: string;
  /** Of this page, and of no other. */
  readonly page: number;
}

/** Call `onTwin` when this tab turns out to be the duplicate of one that is open. */
export function watchForTwin(onTwin: () => void): void {
  if (typeof BroadcastChannel === "undefined") return;
  const page = Math.random();
  let name = recall(perTab, NAME_KEY) ?? String(Math.random());
  remember(perTab, NAME_KEY, name);
  let isSettled = false;
  setTimeout(() => (isSettled = true), SETTLED_MS);
  const channel = new BroadcastChannel(CHANNEL);
  const tell = (kind: Question["kind"]): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has no other origin
    channel.postMessage({ kind, name, page } satisfies Question);
  };
  channel.addEventListener("message", ({ data }: MessageEvent<Question>) => {
    if (data.name !== name) return;
    if (data.kind === "asks") {
      if (isSettled || page < data.page) tell("answers");
      return;
    }
    name = String(Math.random());
    remember(perTab, NAME_KEY, name);
    onTwin();
  });
  tell("asks");
}
