import { expect, it } from "vitest";
import { createStore } from "zustand/vanilla";

import type { Api } from "./api";
import { Listing } from "./listing";
import type { ChatState } from "./state";
import { FIRST_STATE } from "./state";
import type { WireConversation } from "./wire";

/** A server with these conversations, pages of two; it moves what it is told to. */
function setUp(filed: Record<string, string | null>, opened = "") {
  const store = createStore<ChatState>(() => FIRST_STATE);
  const lying = new Map(Object.entries(filed));
  const names = new Map([["fold_a", "A"]]);
  const browser = { open: opened };
  const wire = (id: string): WireConversation => ({
    id,
    created_at: id.codePointAt(0) ?? 0,
    "maru:title": id,
    "maru:folder": lying.get(id) ?? null,
  });
  const api = {
    folders: async () => [...names].map(([id, name]) => ({ id, name })),
    createFolder: async (name: string) => {
      names.set("fold_new", name);
      return { id: "fold_new", name };
    },
    renameFolder: async (id: string, name: string) => {
      names.set(id, name);
      return { id, name };
    },
    deleteFolder: async (id: string) => {
      names.delete(id);
      for (const [one, folder] of lying) if (folder === id) lying.set(one, null);
    },
    conversations: async (after: string | null, shelf: { folder?: string; pinned?: boolean }) => {
      if (shelf.pinned) return { data: [], has_more: false };
      const found = [...lying.keys()]
        .toSorted()
        .toReversed()
        .filter((id) => (lying.get(id) ?? "none") === shelf.folder);
      const from = after === null ? 0 : found.indexOf(after) + 1;
      return { data: found.slice(from, from + 2).map(wire), has_more: found.length > from + 2 };
    },
    changeConversation: async (id: string, change: { "maru:folder"?: string }) => {
      const folder = change["maru:folder"];
      if (folder !== undefined) lying.set(id, folder === "none" ? null : folder);
      return wire(id);
    },
  };
  const list = new Listing({
    store,
    api: api as unknown as Api,
    leave: () => undefined,
    goTo: () => undefined,
    gone: () => undefined,
    remembered: {
      doomed: () => null,
      rememberDoomed: () => undefined,
      openFolders: () => browser.open,
      rememberOpenFolders: (text) => {
        browser.open = text;
      },
    },
  });
  list.start();
  const inside = (folder: string | null): string[] =>
    store
      .getState()
      .conversations.filter((one) => one.folder === folder)
      .map((one) => one.id);
  return { store, list, inside, browser };
}

const FILED = { a: "fold_a", b: null, c: "fold_a", d: "fold_a", e: null };

it("what lies in a folder is fetched when it is opened, page by page", async () => {
  const { list, inside, store, browser } = setUp(FILED);
  await list.load();
  expect([inside(null), inside("fold_a")]).toEqual([["e", "b"], []]);
  await list.folders.setOpen("fold_a", true);
  expect(inside("fold_a")).toEqual(["d", "c"]);
  expect(store.getState().fullFolders).toEqual({ fold_a: true });
  await list.folders.loadMore("fold_a");
  expect(inside("fold_a")).toEqual(["d", "c", "a"]);
  expect(store.getState().fullFolders).toEqual({});
  expect(browser.open).toBe("fold_a");
});

it("a folder that was open is open again", async () => {
  const { list, inside } = setUp(FILED, "fold_a fold_gone");
  await list.load();
  expect(inside("fold_a")).toEqual(["d", "c"]);
});

it("a conversation is moved into a folder and out of it", async () => {
  const { list, inside } = setUp(FILED, "fold_a");
  await list.load();
  await list.folders.move("b", "fold_a");
  await list.folders.move("d", null);
  expect([inside(null), inside("fold_a")]).toEqual([
    ["e", "d"],
    ["c", "b"],
  ]);
  await list.load();
  expect(inside(null)).toEqual(["e", "d"]);
});

it("a new folder is open, holds what it was made for, and its name is asked for", async () => {
  const { list, inside, store } = setUp(FILED);
  await list.load();
  await list.folders.create("New folder", "b");
  expect(store.getState().namedFolder).toBe("fold_new");
  expect(inside("fold_new")).toEqual(["b"]);
  await list.folders.rename("fold_new", "Travel");
  expect(store.getState().folders.map((one) => one.name)).toEqual(["A", "Travel"]);
});

it("a folder goes without its conversations", async () => {
  const { list, inside, store } = setUp({ a: "fold_a", b: null }, "fold_a");
  await list.load();
  await list.folders.remove("fold_a");
  expect(store.getState().folders).toEqual([]);
  expect(inside(null)).toEqual(["b", "a"]);
});
