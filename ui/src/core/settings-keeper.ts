/** Where the settings of a chat go: to the server with the chat, or into the page for one that it does not have. */
import type { StoreApi } from "zustand/vanilla";

import type { Api } from "./api";
import type { ChatSettings } from "./chat-settings";
import { metadataWith, OF_NEW_CHAT, settingsOf } from "./chat-settings";
import type { ChatState } from "./state";
import { conversationFor, conversationOf } from "./state";
import { without } from "./steps";
import type { CustomChange, WireCustom } from "./wire";

export class SettingsKeeper {
  constructor(
    private readonly store: StoreApi<ChatState>,
    private readonly api: Api,
  ) {}

  /** What the person tells all models. */
  custom(): Promise<WireCustom> {
    return this.api.custom();
  }

  keepCustom(change: CustomChange): Promise<WireCustom> {
    return this.api.changeCustom(change);
  }

  /** How the open chat is to be answered from now on. Rejects when the server refuses. */
  async keep(settings: ChatSettings): Promise<void> {
    const state = this.store.getState();
    const { open } = state;
    const conversation = open === null ? undefined : conversationFor(state, open);
    if (open === null || conversation === undefined) {
      this.store.setState({ chatSettings: { ...state.chatSettings, [open ?? OF_NEW_CHAT]: settings } });
      return;
    }
    const metadata = metadataWith(conversation.metadata, settings);
    const fresh = conversationOf(await this.api.changeConversation(open, { metadata }));
    this.store.setState(({ conversations, others, chatSettings }) => ({
      // Of all else, what the page knows may be newer.
      conversations: conversations.map((one) =>
        one.id === open ? { ...one, metadata: fresh.metadata } : one,
      ),
      others:
        others[open] === undefined
          ? others
          : { ...others, [open]: { ...others[open], metadata: fresh.metadata } },
      chatSettings: without(chatSettings, open),
    }));
  }

  /** The server named the conversation, with the settings that it had then; they may have changed meanwhile. */
  rekey(_from: string, to: string): void {
    const { chatSettings, conversations } = this.store.getState();
    const wanted = chatSettings[to];
    const metadata = conversations.find((one) => one.id === to)?.metadata;
    if (wanted === undefined || metadata === undefined) return;
    const changed = metadataWith(metadata, wanted);
    if (JSON.stringify(changed) === JSON.stringify(metadataWith(metadata, settingsOf(metadata)))) return;
    this.api.changeConversation(to, { metadata: changed }).catch(() => undefined);
  }
}
