import { useStore } from "zustand";

import type { Draft, Refusal } from "@/core/attaching";
import { OF_NEW_CHAT } from "@/core/chat-settings";
import { blindModel } from "@/core/comparing";
import { useChat, useSession } from "@/shared/session";

const NO_DRAFTS: readonly Draft[] = [];
const NO_REFUSALS: readonly Refusal[] = [];

export interface Attached {
  readonly drafts: readonly Draft[];
  readonly refused: readonly Refusal[];
  /** Some of it is still on its way. */
  readonly isBusy: boolean;
  /** Some of it did not arrive. */
  readonly hasFailed: boolean;
  /** The model that would not see the images of it; null: none. */
  readonly blind: string | null;
}

/** What goes with the message that is being written in the open conversation. */
export function useAttached(): Attached {
  const { attaching } = useSession();
  const place = useChat((state) => state.open) ?? OF_NEW_CHAT;
  const drafts = useStore(attaching.store, (state) => state.drafts[place] ?? NO_DRAFTS);
  const refused = useStore(attaching.store, (state) => state.refused[place] ?? NO_REFUSALS);
  const blind = useChat((state) => blindModel(state, state.open));
  return {
    drafts,
    refused,
    isBusy: attaching.isBusy(place),
    hasFailed: drafts.some(({ state }) => state === "failed"),
    blind: drafts.some(({ kind }) => kind === "image") ? blind : null,
  };
}
