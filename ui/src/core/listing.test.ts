import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createStore } from "zustand/vanilla";

import type { Api } from "./api";
import { ApiError } from "./api";
import { Listing, UNDO_MS } from "./listing";
import type { ChatState } from "./state";
import { FIRST_STATE } from "./state";
import type { WireConversation } from "./wire";

const wire = (id: string, at: number, more: Partial<WireConversation> = {}): WireConversation => ({
  id,
  created_at: 1,
  "maru:updated_at": at,
  "maru:title": id,
  ...more,
});

/** A server with these conversations, pages of two, and a browser that remembers. */
function setUp(on: WireConversation[], memory: { text: string | null } = { text: null }) {
  const store = createStore<ChatState>(() => FIRST_STATE);
  const told: string[] = [];
  const went: string[] = [];
  const server = { isAway: false };
  const check = (): void => {
    if (server.isAway) throw new ApiError(0, "unreachable", "no");
  };
  const api = {
    folders: async () => [],
    conversations: async (after, shelf) => {
      check();
      const found = on
        .filter((one) => shelf.pinned === undefined || (one["maru:pinned"] ?? false) === shelf.pinned)
        .filter((one) => shelf.archived === undefined || (one["maru:archived"] ?? false) === shelf.archived);
      const from = after === null ? 0 : found.findIndex((one) => one.id === after) + 1;
      return { data: found.slice(from, from + 2), has_more: found.length > from + 2 };
    },
    changeConversation: async (id, change) => {
      check();
      told.push(`${id} ${JSON.stringify(change)}`);
      return wire(id, 1);
    },
    deleteConversation: async (id) => {
      check();
      told.push(`delete ${id}`);
    },
  } as Pick<Api, "folders" | "conversations" | "changeConversation" | "deleteConversation"> as Api;
  const gone: string[] = [];
  const list = new Listing({
    store,
    api,
    leave: (id) => store.setState((state) => ({ open: state.open === id ? null : state.open })),
    goTo: (id) => went.push(id),
    gone: (id) => gone.push(id),
    remembered: {
      doomed: () => memory.text,
      rememberDoomed: (text) => {
        memory.text = text;
      },
      openFolders: () => null,
      rememberOpenFolders: () => undefined,
    },
  });
  const ids = (): string[] => store.getState().conversations.map((one) => one.id);
  return { store, list, gone, told, went, server, ids, memory };
}

const FOUR = [wire("d", 4), wire("c", 3), wire("b", 2), wire("a", 1, { "maru:pinned": true })];

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("what is pinned is there from the beginning, and no page is missed or doubled by that", async () => {
  const { list, ids, store } = setUp(FOUR);
  await list.load();
  expect(ids()).toEqual(["d", "c", "a"]);
  await list.loadMore();
  expect(ids()).toEqual(["d", "c", "b", "a"]);
  expect(store.getState().hasMore).toBe(false);
  await list.load();
  expect(ids()).toEqual(["d", "c", "b", "a"]);
});

it("a deleted conversation leaves at once, and the server only after a while", async () => {
  const { list, told, gone, ids, memory } = setUp(FOUR);
  await list.load();
  list.remove("c");
  await list.load();
  expect(ids()).toEqual(["d", "a"]);
  expect([...told, ...gone]).toEqual([]);
  await vi.advanceTimersByTimeAsync(UNDO_MS);
  expect(told).toEqual(["delete c"]);
  expect(gone).toEqual(["c"]);
  expect(memory.text).toBe("");
});

it("what was deleted comes back whole, to the screen too if it was there", async () => {
  const { list, told, went, ids, store } = setUp(FOUR);
  await list.load();
  store.setState({ open: "c" });
  list.remove("c");
  expect(store.getState().open).toBeNull();
  await list.undo();
  expect(ids()).toEqual(["d", "c", "a"]);
  expect(went).toEqual(["c"]);
  await vi.advanceTimersByTimeAsync(UNDO_MS * 3);
  expect(told).toEqual([]);
});

it("the next deletion, or leaving the page, ends the wait", async () => {
  const { list, told } = setUp(FOUR);
  await list.load();
  list.remove("c");
  list.remove("d");
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual(["delete c"]);
  list.settle();
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual(["delete c", "delete d"]);
});

it("what a crashed tab wanted gone goes when the next one opens", async () => {
  const first = setUp(FOUR);
  await first.list.load();
  first.list.remove("c");
  vi.clearAllTimers();
  const second = setUp(FOUR, first.memory);
  second.list.start();
  await second.list.load();
  expect(second.ids()).toEqual(["d", "a"]);
  await vi.advanceTimersByTimeAsync(UNDO_MS * 2);
  expect(second.told).toEqual(["delete c"]);
});

it("a server that is away is told when it is back", async () => {
  const { list, told, server } = setUp(FOUR);
  await list.load();
  list.remove("c");
  server.isAway = true;
  await vi.advanceTimersByTimeAsync(UNDO_MS + 20_000);
  server.isAway = false;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(told).toEqual(["delete c"]);
});

it("an archived conversation is known but not listed, and comes back to its place", async () => {
  const { list, told, ids, store } = setUp(FOUR);
  await list.load();
  await list.archive("c");
  expect(ids()).toEqual(["d", "a"]);
  expect(store.getState().others["c"]?.isArchived).toBe(true);
  await list.undo();
  expect(ids()).toEqual(["d", "c", "a"]);
  expect(told).toEqual(['c {"maru:archived":true}', 'c {"maru:archived":false}']);
});

it("a pin is there at once, and taken back when the server did not hear of it", async () => {
  const { list, store, server } = setUp(FOUR);
  await list.load();
  const isPinned = (id: string) => store.getState().conversations.find((one) => one.id === id)?.isPinned;
  server.isAway = true;
  const telling = list.pin("d", true);
  expect(isPinned("d")).toBe(true);
  server.isAway = false;
  await telling;
  expect(isPinned("d")).toBe(false);
});
