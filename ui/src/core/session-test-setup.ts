/** A session whose server and clock are the test. */
import { vi } from "vitest";

import type { Api, FileApi, FolderApi, FeedbackApi, MemoryApi, MovingApi, RawApi, VoiceApi } from "./api";
import { kindOf } from "./attaching";
import { Session } from "./session";
import type { SessionDeps } from "./session-deps";
import { openThread } from "./state";
import type { WireTree } from "./wire";

/** A socket whose other end is the test. */
class FakeSocket extends EventTarget {
  readyState = 0;
  readonly sent: Record<string, unknown>[] = [];

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.readyState = 3;
  }

  opens(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  breaks(): void {
    this.readyState = 3;
    this.dispatchEvent(new Event("close"));
  }

  says(frame: object): void {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(frame) }));
  }
}

export const EMPTY_TREE: WireTree = {
  conversation_id: "conv_1",
  head: null,
  items: [],
  running: [],
  responses: {},
};

export function setUp(api: Partial<Api> = {}, deps: Partial<SessionDeps> = {}) {
  const sockets: FakeSocket[] = [];
  const addresses: (string | null)[] = [];
  let ids = 0;
  let waiting: string | null = null;
  let attached: string | null = null;
  let comparisons: string | null = null;
  let doomed: string | null = null;
  const session = new Session({
    api: {
      models: async () => [{ id: "house", "maru:default": true, "maru:state": "ready" }],
      conversations: async () => ({ data: [], has_more: false }),
      createConversation: async () => ({ id: "conv_1", created_at: 1 }),
      changeConversation: async (id) => ({ id, created_at: 1 }),
      deleteConversation: async () => undefined,
      tree: async () => EMPTY_TREE,
      deleteBranch: async () => undefined,
      folders: async () => [],
      conversation: async (id) => ({ id, created_at: 1 }),
      search: async () => ({ data: [], has_more: false }),
      // No test here asks for these.
      ...({ deleteFiles: async () => undefined } as unknown as FolderApi &
        MemoryApi &
        FeedbackApi &
        MovingApi &
        FileApi &
        VoiceApi &
        RawApi),
      ...api,
    },
    upload: async () => undefined,
    sendFile: async ({ name }) => ({ id: `file_${name}`, bytes: 1, filename: name }),
    prepareFile: async (file) => ({ kind: kindOf(file), name: file.name, content: file }),
    openSocket: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    now: () => performance.now(),
    newId: () => String((ids += 1)),
    goTo: (id) => addresses.push(id),
    isElsewhere: () => false,
    remembered: {
      model: () => null,
      rememberModel: () => undefined,
      key: () => null,
      rememberKey: () => undefined,
      draft: () => null,
      rememberDraft: () => undefined,
      waiting: () => waiting,
      attached: () => attached,
      rememberAttached: (text) => {
        attached = text;
      },
      comparisons: () => comparisons,
      rememberComparisons: (text) => {
        comparisons = text;
      },
      deleted: () => null,
      rememberDeleted: () => undefined,
      openFolders: () => null,
      rememberOpenFolders: () => undefined,
      doomed: () => doomed,
      rememberDoomed: (text) => {
        doomed = text;
      },
      rememberWaiting: (text) => {
        waiting = text;
      },
    },
    ...deps,
  });
  session.start();
  const newest = (): FakeSocket => {
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error("no socket was opened");
    return socket;
  };
  return { session, addresses, sockets, newest, thread: () => openThread(session.store.getState()) };
}

export const settle = () => vi.advanceTimersByTimeAsync(0);
