import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "./api";
import { FLUSH_EVERY_MS } from "./batch";
import { EMPTY_TREE, setUp, settle } from "./session-test-setup";
import { waitBefore } from "./socket";
import { textOf } from "./tree";
import type { WireTree } from "./wire";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const created = { type: "response.created", stream_id: "page-1", sequence_number: 0 };
const response = { id: "resp_1", status: "in_progress", model: "house", "maru:input": ["msg_1"] };
const item = { id: "msg_2", type: "message", role: "assistant", status: "in_progress", content: [] };
const added = {
  type: "response.output_item.added",
  stream_id: "page-1",
  sequence_number: 1,
  output_index: 0,
  item,
};
const delta = (sequence_number: number, words: string) => ({
  type: "response.output_text.delta",
  stream_id: "page-1",
  sequence_number,
  item_id: "msg_2",
  content_index: 0,
  delta: words,
});

describe("the first message", () => {
  it("is on the page before the server answers, and is sent below nothing", async () => {
    const { session, newest, thread, addresses } = setUp();
    newest().opens();
    await settle();
    expect(session.send(" hello ")).toBe(true);
    expect(textOf(thread().nodes[thread().head ?? ""])).toBe("hello");
    await settle();
    expect(newest().sent).toHaveLength(1);
    expect(newest().sent[0]).toMatchObject({
      type: "response.create",
      conversation: "conv_1",
      model: "house",
      "maru:parent": null,
      "maru:detach": "until_closed",
    });
    expect(addresses).toEqual(["conv_1"]);
  });

  it("waits for the connection and goes once", async () => {
    const { session, newest } = setUp();
    await settle();
    session.send("hello");
    await settle();
    expect(newest().sent).toEqual([]);
    newest().opens();
    expect(newest().sent.map((frame) => frame["type"])).toEqual(["response.create"]);
  });

  it("that finds no server says so, and goes again with the same words", async () => {
    let isDown = true;
    const { session, newest, thread } = setUp({
      createConversation: async () => {
        if (isDown) throw new ApiError(0, "unreachable", "down");
        return { id: "conv_1", created_at: 1 };
      },
    });
    newest().opens();
    await settle();
    session.send("hello");
    await settle();
    const head = thread().head ?? "";
    expect(thread().unanswered[head]?.error?.code).toBe("unreachable");
    isDown = false;
    session.retry(head);
    await settle();
    expect(newest().sent[0]).toMatchObject({ input: [{ content: [{ text: "hello" }] }] });
    expect(thread().roots).toHaveLength(1);
  });
});

describe("a lost connection", () => {
  it("in the middle of an answer is picked up after the last number", async () => {
    const { session, newest, sockets, thread } = setUp();
    newest().opens();
    await settle();
    session.send("hello");
    await settle();
    newest().says({ ...created, response });
    newest().says(added);
    newest().says(delta(2, "Hi"));
    await vi.advanceTimersByTimeAsync(FLUSH_EVERY_MS);
    newest().breaks();
    expect(session.store.getState().connection).toBe("lost");
    await vi.advanceTimersByTimeAsync(waitBefore(1, 1));
    expect(sockets).toHaveLength(2);
    newest().opens();
    expect(newest().sent).toEqual([
      { type: "maru:response.follow", stream_id: "page-1", response_id: "resp_1", starting_after: 2 },
    ]);
    newest().says(delta(2, "Hi"));
    newest().says(delta(3, "!"));
    await vi.advanceTimersByTimeAsync(FLUSH_EVERY_MS);
    expect(textOf(thread().nodes["msg_2"])).toBe("Hi!");
  });

  it.each([
    ["did not arrive: it is sent again", EMPTY_TREE, "response.create"],
    [
      "arrived: its answer is followed",
      {
        ...EMPTY_TREE,
        head: "msg_1",
        items: [
          { id: "msg_1", type: "message", role: "user", content: [{ type: "input_text", text: "hello" }] },
        ],
        running: ["resp_1"],
        responses: { resp_1: { status: "in_progress", model: "house", "maru:answers": "msg_1" } },
      } satisfies WireTree,
      "maru:response.follow",
    ],
  ])("before the server named the answer; the question %s", async (_, tree, expected) => {
    const { session, newest, thread } = setUp({ tree: async () => tree });
    newest().opens();
    await settle();
    session.send("hello");
    await settle();
    newest().breaks();
    await vi.advanceTimersByTimeAsync(waitBefore(1, 1));
    newest().opens();
    await settle();
    expect(newest().sent.map((frame) => frame["type"])).toEqual([expected]);
    expect(thread().roots).toHaveLength(1);
  });
});

describe("stop", () => {
  it("pressed before the answer has a name is sent when it has one", async () => {
    const { session, newest } = setUp();
    newest().opens();
    await settle();
    session.send("hello");
    await settle();
    session.stop();
    expect(newest().sent).toHaveLength(1);
    newest().says({ ...created, response });
    expect(newest().sent[1]).toEqual({ type: "response.cancel", response_id: "resp_1" });
  });
});

describe("an answer", () => {
  it("that runs elsewhere when a conversation is opened is followed from its start", async () => {
    const { session, newest } = setUp({ tree: async () => ({ ...EMPTY_TREE, running: ["resp_7"] }) });
    newest().opens();
    session.open("conv_1");
    await settle();
    expect(newest().sent).toEqual([
      { type: "maru:response.follow", stream_id: "page-1", response_id: "resp_7" },
    ]);
  });

  it("that ends behind one's back is marked until it is looked at", async () => {
    const { session, newest } = setUp();
    newest().opens();
    await settle();
    session.send("hello");
    await settle();
    session.newChat();
    newest().says({ ...created, response });
    newest().says({
      type: "response.completed",
      stream_id: "page-1",
      sequence_number: 5,
      response: { ...response, status: "completed" },
    });
    expect(session.store.getState().unread).toEqual({ conv_1: true });
    session.open("conv_1");
    expect(session.store.getState().unread).toEqual({});
  });

  it("of a deleted conversation is not wanted any more", async () => {
    const { session, newest } = setUp();
    newest().opens();
    await settle();
    session.send("hello");
    await settle();
    session.list.remove("conv_1");
    newest().says({ ...created, response });
    expect(session.store.getState().threads).toEqual({});
  });
});

it("a missing conversation is told apart from a failure", async () => {
  const { session } = setUp({
    tree: async () => {
      throw new ApiError(404, null, "no");
    },
  });
  session.open("conv_9");
  await settle();
  expect(session.store.getState().threads["conv_9"]?.state).toBe("missing");
});

it("a server that asks for a key is not asked again before there is one", async () => {
  let isShut = true;
  const { session, sockets } = setUp({
    models: async () => {
      if (isShut) throw new ApiError(401, "invalid_api_key", "a key, please");
      return [];
    },
  });
  await settle();
  expect(session.store.getState().access).toEqual({ kind: "needsKey", wasWrong: false });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sockets).toHaveLength(1);
  isShut = false;
  session.comeIn("maru_1");
  await settle();
  expect(session.store.getState().access).toEqual({ kind: "open" });
  expect(sockets).toHaveLength(2);
});

it("an answer that was begun beside another one is followed below their question", async () => {
  const tree: WireTree = {
    ...EMPTY_TREE,
    head: "a1",
    items: [
      { id: "q1", type: "message", role: "user", content: "hello" },
      {
        id: "a1",
        type: "message",
        role: "assistant",
        content: "hi",
        "maru:parent": "q1",
        "maru:response": "resp_1",
      },
    ],
    running: ["resp_2"],
  };
  const { session, newest, thread } = setUp({ tree: async () => tree });
  newest().opens();
  session.open("conv_1");
  await settle();
  newest().says({
    ...created,
    response: { id: "resp_2", status: "in_progress", model: "house", "maru:input": [] },
  });
  newest().says(added);
  expect(thread().nodes["q1"]?.children).toEqual(["a1", "msg_2"]);
  expect(thread().head).toBe("msg_2");
});

it("a silent connection is replaced while an answer runs", async () => {
  const { session, newest, sockets } = setUp();
  newest().opens();
  await settle();
  session.send("hello");
  await settle();
  newest().says({ ...created, response });
  await vi.advanceTimersByTimeAsync(45_000);
  expect(sockets).toHaveLength(2);
});

it("tries come further and further apart, and never all at once", () => {
  expect([1, 2, 3, 10].map((failures) => waitBefore(failures, 0.5))).toEqual([400, 800, 1600, 15_000]);
  expect(waitBefore(1, 0)).toBeLessThan(waitBefore(1, 1));
});

it("what was attached goes with the message, and an image to no model that cannot see", async () => {
  const { session, newest } = setUp({
    models: async () => [{ id: "blind", "maru:state": "ready", input_modalities: ["text"] }],
  });
  // Nobody knows yet what the model can do.
  await session.attaching.add(null, [
    new File(["x"], "a.png", { type: "image/png" }),
    new File(["x"], "b.txt", { type: "text/plain" }),
  ]);
  await settle();
  newest().opens();
  expect(session.send("look")).toBe(false);
  session.attaching.remove(null, session.attaching.of(null)[0]?.id ?? "");
  expect(session.send("")).toBe(true);
  await settle();
  expect(session.attaching.of(null)).toEqual([]);
  expect(newest().sent[0]).toMatchObject({
    input: [{ content: [{ type: "input_file", file_id: "file_b.txt", filename: "b.txt" }] }],
  });
});

it("settings that change before a chat has its id are told to the server with it", async () => {
  const made = Promise.withResolvers<{ id: string; created_at: number; metadata: object }>();
  const born: object[] = [];
  const told: object[] = [];
  const page = setUp({
    createConversation: async (metadata) => {
      born.push(metadata);
      return { ...(await made.promise), metadata };
    },
    changeConversation: async (id, change) => {
      told.push(change);
      return { id, created_at: 1 };
    },
  });
  page.newest().opens();
  await settle();
  page.session.send("hello");
  await page.session.settings.keep({
    instructions: "Rhyme.",
    temperature: null,
    maxTokens: null,
    isCustomOff: false,
  });
  made.resolve({ id: "conv_1", created_at: 1, metadata: {} });
  await settle();
  expect(born).toEqual([{}]);
  expect(told).toEqual([{ metadata: { maru_instructions_0: "Rhyme." } }]);
});

it("a question is put in other words only while nothing is being answered", async () => {
  const question = { id: "msg_1", type: "message", role: "user", content: "hello" } as const;
  const page = setUp({ tree: async () => ({ ...EMPTY_TREE, head: "msg_1", items: [question] }) });
  page.newest().opens();
  page.session.open("conv_1");
  await settle();
  page.session.send("and then?");
  const said = { text: "good day", attachments: [] };
  expect(page.session.edit("msg_1", said)).toBe(false);
  page.newest().says({ type: "error", stream_id: "page-1", error: { code: "x", message: "gone" } });
  await settle();
  expect(page.session.edit("msg_1", said)).toBe(true);
});
