/** Messages whose files are still on their way when they are sent. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { ApiError } from "./api";
import { EMPTY_TREE, setUp, settle } from "./session-test-setup";
import type { WireFile, WireModel, WireTree } from "./wire";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A page with a file on its way into the message of a chat, which has `text`; `arrive` and `fail` end its upload. */
async function attached(text: string, chat: string | null) {
  const upload = Promise.withResolvers<WireFile>();
  const page = setUp({}, { sendFile: () => upload.promise });
  const { session, newest } = page;
  newest().opens();
  await settle();
  if (chat !== null) session.open(chat);
  await settle();
  session.drafts.keep(chat, text);
  await session.attaching.add(chat, [new File(["x"], "a.txt", { type: "text/plain" })]);
  await settle();
  session.sending.waitForFiles(chat);
  return {
    ...page,
    arrive: () => upload.resolve({ id: "file_a.txt", bytes: 1, filename: "a.txt" }),
    fail: () => upload.reject(new ApiError(0, null, "lost")),
  };
}

const said = { input: [{ content: [{ type: "input_file", file_id: "file_a.txt" }, { text: "look" }] }] };

it("goes in its own chat, whatever is looked at when its files are there", async () => {
  const { session, newest, arrive } = await attached("look", "conv_1");
  session.open("conv_2");
  await settle();
  expect(newest().sent).toEqual([]);
  arrive();
  await settle();
  expect(newest().sent).toMatchObject([{ ...said, conversation: "conv_1" }]);
  expect(session.store.getState().open).toBe("conv_2");
  expect(session.drafts.of("conv_1")).toBe("");
  expect(session.attaching.of("conv_1")).toEqual([]);
});

it("begins a chat without leading the person to it", async () => {
  const { session, newest, arrive, addresses } = await attached("look", null);
  session.open("conv_2");
  arrive();
  await settle();
  expect(newest().sent).toMatchObject([{ ...said, conversation: "conv_1" }]);
  expect(session.store.getState().open).toBe("conv_2");
  expect(addresses).toEqual([]);
});

it("says what stands in the box when it goes, and nothing once it was taken back", async () => {
  const { session, newest, arrive } = await attached("loo", "conv_1");
  session.drafts.keep("conv_1", "look");
  session.sending.stopWaiting("conv_1");
  arrive();
  await settle();
  expect(newest().sent).toEqual([]);
  session.sending.waitForFiles("conv_1");
  session.attaching.forgetRefused("conv_1");
  await settle();
  expect(newest().sent).toMatchObject([said]);
});

it("stays where it was written when a file did not arrive", async () => {
  const { session, newest, fail } = await attached("look", "conv_1");
  session.open("conv_2");
  fail();
  await settle();
  expect(newest().sent).toEqual([]);
  expect(session.drafts.of("conv_1")).toBe("look");
  expect(session.sending.waits.getState()).toEqual({});
});

it("does not go without its files when a chat that leaves nothing behind is left", async () => {
  const { session, newest } = await attached("look", null);
  session.setTemporary(true);
  session.forgetTemporaryFiles();
  await settle();
  expect(newest().sent).toEqual([]);
});

it("a temporary chat is left with one request for all its files, which may be the last that the page sends", async () => {
  const deleted: (readonly string[])[] = [];
  const { session, newest } = setUp({ deleteFiles: async (ids) => void deleted.push(ids) });
  newest().opens();
  await settle();
  session.setTemporary(true);
  const files = ["a.txt", "b.txt"].map((name) => new File(["x"], name, { type: "text/plain" }));
  await session.attaching.add(null, files);
  await settle();
  session.send("look");
  await session.attaching.add(session.store.getState().open, [
    new File(["x"], "c.txt", { type: "text/plain" }),
  ]);
  await settle();
  session.forgetTemporaryFiles();
  expect(deleted).toEqual([["file_a.txt", "file_b.txt", "file_c.txt"]]);
});

it("what is typed while a chat gets its id stays in its box", async () => {
  const { session, newest } = setUp();
  newest().opens();
  await settle();
  session.send("hello");
  session.drafts.keep(session.store.getState().open, "and then");
  await settle();
  expect(session.drafts.of("conv_1")).toBe("and then");
});

it("leads nobody out of the playground to a chat that begins there", async () => {
  const upload = Promise.withResolvers<WireFile>();
  let isElsewhere = false;
  const page = setUp({}, { sendFile: () => upload.promise, isElsewhere: () => isElsewhere });
  page.newest().opens();
  await settle();
  page.session.drafts.keep(null, "look");
  await page.session.attaching.add(null, [new File(["x"], "a.txt", { type: "text/plain" })]);
  await settle();
  page.session.sending.waitForFiles(null);
  isElsewhere = true;
  upload.resolve({ id: "file_a.txt", bytes: 1, filename: "a.txt" });
  await settle();
  expect(page.newest().sent).toMatchObject([{ ...said, conversation: "conv_1" }]);
  expect(page.session.store.getState().open).toBe(null);
  expect(page.addresses).toEqual([]);
});

it("leads nobody out of the playground to a chat that is named while it is looked at", async () => {
  const named = Promise.withResolvers<{ id: string; created_at: number }>();
  let isElsewhere = false;
  const page = setUp({ createConversation: () => named.promise }, { isElsewhere: () => isElsewhere });
  page.newest().opens();
  await settle();
  page.session.send("hello");
  isElsewhere = true;
  named.resolve({ id: "conv_1", created_at: 1 });
  await settle();
  expect(page.newest().sent).toMatchObject([{ conversation: "conv_1" }]);
  expect(page.addresses).toEqual([]);
});

it.each([
  ["loads, and goes when it is there", "loading", "ready", true],
  ["is out of service, and stays in its box", "out", "ready", false],
] as const)("of a model that %s", async (_, state, later, goes) => {
  let now: NonNullable<WireModel["maru:state"]> = "ready";
  const upload = Promise.withResolvers<WireFile>();
  const models = async (): Promise<WireModel[]> => [{ id: "house", "maru:default": true, "maru:state": now }];
  const { session, newest } = setUp({ models }, { sendFile: () => upload.promise });
  newest().opens();
  await settle();
  session.open("conv_1");
  await settle();
  session.drafts.keep("conv_1", "look");
  await session.attaching.add("conv_1", [new File(["x"], "a.txt", { type: "text/plain" })]);
  await settle();
  session.sending.waitForFiles("conv_1");
  session.open("conv_2");
  now = state;
  session.wake();
  await settle();
  upload.resolve({ id: "file_a.txt", bytes: 1, filename: "a.txt" });
  await settle();
  expect(newest().sent).toEqual([]);
  expect(session.store.getState()).toMatchObject({
    announcement: { kind: goes ? "attached" : "notSent" },
    unread: goes ? {} : { conv_1: true },
  });
  now = later;
  session.wake();
  await settle();
  expect(newest().sent).toMatchObject(goes ? [said] : []);
  expect(session.drafts.of("conv_1")).toBe(goes ? "" : "look");
});

it("waits for the models, or for what was said in its chat, that are on their way; and for nothing else", async () => {
  const models = Promise.withResolvers<WireModel[]>();
  const tree = Promise.withResolvers<WireTree>();
  const { session, newest } = setUp({ models: () => models.promise, tree: () => tree.promise });
  newest().opens();
  session.open("conv_1");
  session.drafts.keep("conv_1", "look");
  expect(session.sending.mustWait("conv_1")).toBe(true);
  session.sending.waitForFiles("conv_1");
  tree.resolve(EMPTY_TREE);
  await settle();
  expect(session.sending.mustWait("conv_1")).toBe(true);
  expect(newest().sent).toEqual([]);
  models.resolve([{ id: "house", "maru:default": true, "maru:state": "ready" }]);
  await settle();
  expect(newest().sent).toMatchObject([{ conversation: "conv_1", input: [{ content: [{ text: "look" }] }] }]);
  expect([session.sending.mustWait("conv_1"), session.sending.mustWait(null)]).toEqual([false, false]);
});

/** A page that waits for its models with what was written in the chat that is about to begin. */
async function early(text: string, isTemporary: boolean) {
  const models = Promise.withResolvers<WireModel[]>();
  const page = setUp({ models: () => models.promise });
  page.newest().opens();
  page.session.setTemporary(isTemporary);
  page.session.drafts.keep(null, text);
  page.session.sending.waitForFiles(null);
  await settle();
  const arrive = async (...all: readonly WireModel[]): Promise<void> => {
    models.resolve([...all]);
    await settle();
  };
  return { ...page, arrive };
}
const HOUSE: WireModel = { id: "house", "maru:default": true, "maru:state": "ready" };

it("what was to leave nothing behind does not go in a chat that is kept, once another one was opened", async () => {
  const { session, newest, arrive } = await early("a secret", true);
  session.open("conv_2");
  await arrive(HOUSE);
  expect(newest().sent).toEqual([]);
  expect(session.sending.waits.getState()).toEqual({});
});

it("what was taken out of its box meanwhile is not said to have stayed in it", async () => {
  const { session, newest, arrive } = await early("hello", false);
  session.drafts.keep(null, "");
  await arrive(HOUSE);
  expect(newest().sent).toEqual([]);
  expect(session.store.getState().announcement?.kind).not.toBe("notSent");
});

it("goes once, and waits no more, where it is sent to another model than the one that loads", async () => {
  const { session, newest, arrive } = await early("hello", false);
  await arrive({ ...HOUSE, "maru:state": "loading" }, { id: "other", "maru:state": "ready" });
  expect(newest().sent).toEqual([]);
  session.pickModel("other");
  expect(session.send("hello")).toBe(true);
  await settle();
  expect(newest().sent).toMatchObject([{ model: "other" }]);
  expect(session.sending.waits.getState()).toEqual({});
  expect(session.store.getState().announcement?.kind).not.toBe("notSent");
});
