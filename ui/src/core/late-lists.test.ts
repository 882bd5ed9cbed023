/** Answers about the list that come late, when the page knows more than they do. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Api, Shelf } from "./api";
import { UNDO_MS } from "./listing";
import { setUp, settle } from "./session-test-setup";
import type { WireConversation, WireFolder } from "./wire";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const wire = (id: string, more: Partial<WireConversation> = {}): WireConversation => ({
  id,
  created_at: 1,
  "maru:title": id,
  ...more,
});

/** A server that keeps what it is told; what it reads meanwhile is answered when `go` is called, as it was when asked. */
function slowServer(kept: WireConversation[]) {
  const there = new Map(kept.map((one) => [one.id, one]));
  const folders = new Map<string, WireFolder>();
  const held: (() => void)[] = [];
  const state = { isHeld: false, way: Promise.resolve(), wayBack: Promise.resolve() };
  const read = <T>(answer: T): Promise<T> =>
    state.isHeld ? new Promise((resolve) => held.push(() => resolve(answer))) : Promise.resolve(answer);
  const api: Partial<Api> = {
    conversations: (_after: string | null, shelf: Shelf) => {
      const found = [...there.values()]
        .filter((one) => shelf.pinned === undefined || (one["maru:pinned"] ?? false) === shelf.pinned)
        .filter((one) => shelf.folder === undefined || (one["maru:folder"] ?? "none") === shelf.folder)
        .filter((one) => (one["maru:archived"] ?? false) === shelf.archived);
      return read({ data: found, has_more: false });
    },
    conversation: (id) => read(there.get(id) ?? wire(id)),
    folders: () => read([...folders.values()]),
    createConversation: async () => {
      there.set("conv_1", wire("conv_1"));
      return wire("conv_1");
    },
    changeConversation: async (id, change) => {
      await state.way;
      const changed = { ...wire(id), ...there.get(id), ...change };
      there.set(id, changed);
      return changed;
    },
    deleteConversation: async (id) => void there.delete(id),
    createFolder: async (name) => {
      const made = { id: "fold_1", object: "maru.folder", name } as unknown as WireFolder;
      folders.set(made.id, made);
      await state.wayBack;
      return made;
    },
  };
  const go = async (): Promise<void> => {
    for (const one of held.splice(0)) one();
    await settle();
  };
  return { api, there, go, state };
}

async function opened(kept: WireConversation[] = [wire("a")]) {
  const server = slowServer(kept);
  const page = setUp(server.api);
  page.newest().opens();
  await settle();
  const { session } = page;
  const rows = () => session.store.getState().conversations.map((one) => one.title);
  /** Ask for the list as it is now, and hear of it when `server.go` is called. */
  const look = async (): Promise<void> => {
    server.state.isHeld = true;
    void session.list.load();
    await settle();
    server.state.isHeld = false;
  };
  return { ...page, server, rows, look };
}

describe("a list that was asked for before", () => {
  it("takes no chat off that began since", async () => {
    const { session, rows, look, server } = await opened();
    await look();
    session.send("hello");
    await settle();
    await server.go();
    expect(rows()).toEqual(["conv_1", "a"]);
  });

  it("gives no chat its old name, place or shelf", async () => {
    const { session, rows, look, server } = await opened([wire("a"), wire("b"), wire("c")]);
    await look();
    await session.list.rename("a", "A better name");
    await session.list.pin("b", true);
    await session.list.archive("c");
    await server.go();
    expect(rows()).toEqual(["b", "A better name"]);
    expect(session.store.getState().conversations[0]?.isPinned).toBe(true);
  });

  it("brings nothing back that was deleted", async () => {
    const { session, rows, look, server } = await opened();
    session.list.remove("a");
    await look();
    await vi.advanceTimersByTimeAsync(UNDO_MS);
    await server.go();
    expect(rows()).toEqual([]);
  });

  it("gives way to one that was asked for after it", async () => {
    const { session, rows, look, server } = await opened();
    await look();
    server.there.set("b", wire("b"));
    await session.list.load();
    await server.go();
    expect(rows()).toEqual(["b", "a"]);
  });
});

it("a change that the server is still told of is not taken back by what it says meanwhile", async () => {
  const { session, rows, server } = await opened();
  const way = Promise.withResolvers<void>();
  server.state.way = way.promise;
  const renaming = session.list.rename("a", "A better name");
  const loading = session.list.load();
  await settle();
  expect(rows()).toEqual(["A better name"]);
  way.resolve();
  await Promise.all([renaming, loading]);
  expect(rows()).toEqual(["A better name"]);
});

it("what is learnt of a chat does not stand in the way of the list, which came first", async () => {
  const { session, server } = await opened([]);
  server.there.set("a", wire("a", { "maru:title": "Old" }));
  server.state.isHeld = true;
  const learning = session.list.learn("a");
  server.state.isHeld = false;
  server.there.set("a", wire("a", { "maru:title": "New" }));
  await session.list.load();
  await server.go();
  await learning;
  expect(session.store.getState().others).toEqual({});
  expect(session.store.getState().conversations[0]?.title).toBe("New");
});

it("what was learnt of a chat is forgotten when the list has it", async () => {
  const { session, server } = await opened([]);
  server.there.set("a", wire("a", { "maru:title": "Old" }));
  await session.list.learn("a");
  expect(session.store.getState().others["a"]?.title).toBe("Old");
  await session.list.load();
  expect(session.store.getState().others).toEqual({});
});

it("a name that the person gives holds against one that a model wrote just before", async () => {
  const { session, rows, server } = await opened([]);
  session.send("hello");
  await settle();
  server.there.set("conv_1", { ...wire("conv_1"), "maru:title": null });
  await session.list.load();
  const looking = session.list.lookForTitle("conv_1");
  server.there.set("conv_1", wire("conv_1", { "maru:title": "Of the model" }));
  server.state.isHeld = true;
  await vi.advanceTimersByTimeAsync(1_000);
  server.state.isHeld = false;
  await session.list.rename("conv_1", "Of mine");
  await server.go();
  await looking;
  expect(rows()).toEqual(["Of mine"]);
});

it("a folder that is made while the folders are asked for is there once", async () => {
  const { session, server } = await opened();
  const way = Promise.withResolvers<void>();
  server.state.wayBack = way.promise;
  const making = session.list.folders.create("Travel", null);
  await session.list.folders.load();
  way.resolve();
  await making;
  expect(session.store.getState().folders).toEqual([{ id: "fold_1", name: "Travel" }]);
});

it("whoever goes elsewhere while a chat branches off is not led to the new one", async () => {
  const forked = Promise.withResolvers<WireConversation>();
  const page = setUp({ forkConversation: () => forked.promise });
  page.session.open("conv_1");
  const forking = page.session.list.fork("conv_1", "msg_1", null);
  page.session.open("conv_2");
  forked.resolve(wire("conv_3"));
  await forking;
  expect(page.addresses).toEqual([]);
  expect(page.session.store.getState().conversations.map(({ id }) => id)).toContain("conv_3");
});

it("a chat that is deleted before it has its id leaves nothing behind", async () => {
  const made = Promise.withResolvers<WireConversation>();
  const deleted: string[] = [];
  const page = setUp({
    createConversation: () => made.promise,
    deleteConversation: async (id) => void deleted.push(id),
  });
  page.newest().opens();
  await settle();
  page.session.send("never mind");
  page.session.list.remove(page.session.store.getState().open ?? "");
  await settle();
  made.resolve(wire("conv_1"));
  await settle();
  expect(deleted.at(-1)).toBe("conv_1");
  expect(page.session.store.getState().conversations).toEqual([]);
  expect(page.newest().sent).toEqual([]);
});
