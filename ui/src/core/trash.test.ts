import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createStore } from "zustand/vanilla";

import type { Api } from "./api";
import { ApiError } from "./api";
import { threadOf } from "./items";
import type { ChatState } from "./state";
import { FIRST_STATE } from "./state";
import { branchPutBack, withoutBranch } from "./steps";
import { Trash, UNDO_MS } from "./trash";
import type { Thread } from "./tree";
import { withNode } from "./tree";
import type { WireTree } from "./wire";

const KEY = "conv_1";
const item = (id: string, role: string, parent: string | null) => ({
  id,
  type: "message",
  role,
  content: id,
  "maru:parent": parent,
});

/** q1 has the answers a1 and b1; below a1 stand q2 and its answer a2, which is the head. */
const TREE: WireTree = {
  conversation_id: KEY,
  head: "a2",
  running: [],
  responses: {},
  items: [
    item("q1", "user", null),
    item("a1", "assistant", "q1"),
    item("b1", "assistant", "q1"),
    item("q2", "user", "a1"),
    item("a2", "assistant", "q2"),
  ],
};
const THREAD: Thread = threadOf(TREE);

function setUp(refusals: readonly ApiError[] = [], disk = { text: "" }) {
  const store = createStore<ChatState>(() => ({
    ...FIRST_STATE,
    threads: { [KEY]: { state: "ready", thread: THREAD } },
  }));
  const told: string[] = [];
  const left = [...refusals];
  const api = {
    tree: async () => {
      told.push("tree");
      return TREE;
    },
    deleteBranch: async (_: string, id: string) => {
      told.push(id);
      const refusal = left.shift();
      if (refusal !== undefined) throw refusal;
    },
    changeConversation: async (id: string, change: { "maru:head"?: string }) => {
      told.push(`head ${change["maru:head"]}`);
      return { id, created_at: 1 };
    },
  };
  const remembered = {
    deleted: () => disk.text || null,
    rememberDeleted: (text: string) => {
      disk.text = text;
    },
  };
  const trash = new Trash({ store, api: api as unknown as Api, remembered });
  return { trash, disk, told, thread: () => store.getState().threads[KEY]?.thread ?? THREAD };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("a message goes with what follows, and the head to what stood beside it", () => {
  const after = withoutBranch(THREAD, "a1");
  expect(Object.keys(after.nodes).toSorted()).toEqual(["b1", "q1"]);
  expect(after.head).toBe("b1");
  expect(after.nodes["q1"]?.children).toEqual(["b1"]);
});

it("a question without its only answer can be asked again", () => {
  const after = withoutBranch(THREAD, "a2");
  expect(after.head).toBe("q2");
  expect(after.unanswered["q2"]).toEqual({ status: "none", error: null });
});

it("what is put back stands where it was, and nothing that came meanwhile is lost", () => {
  const without = withoutBranch(THREAD, "a1");
  const a1 = THREAD.nodes["a1"];
  if (a1 === undefined) throw new Error("no a1");
  const grown = withNode(without, { ...a1, id: "c1", children: [] });
  const back = branchPutBack(grown, THREAD, "a1");
  expect(back.nodes["q1"]?.children).toEqual(["a1", "b1", "c1"]);
  expect(back.head).toBe("a2");
  expect(branchPutBack(without, THREAD, "a1").nodes).toEqual(THREAD.nodes);
});

it("the server hears of it when the while to think is over", async () => {
  const { trash, told } = setUp();
  trash.remove(KEY, "a1");
  await vi.advanceTimersByTimeAsync(UNDO_MS - 1);
  expect(told).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(told).toEqual(["a1", "head b1"]);
});

it("what is undone the server never hears of", async () => {
  const { trash, told, thread } = setUp();
  trash.remove(KEY, "q2");
  trash.undo();
  await vi.advanceTimersByTimeAsync(10 * UNDO_MS);
  expect(told).toEqual([]);
  expect(thread()).toEqual(THREAD);
});

it("a second deletion makes the first one final", () => {
  const { trash, told, thread } = setUp();
  trash.remove(KEY, "a2");
  trash.remove(KEY, "b1");
  expect(told).toEqual(["a2"]);
  trash.undo();
  expect(Object.keys(thread().nodes).toSorted()).toEqual(["a1", "b1", "q1", "q2"]);
});

it("a deletion that is refused while an answer runs is tried again", async () => {
  const { trash, told } = setUp([new ApiError(400, "conversation_locked", "busy")]);
  trash.remove(KEY, "a2");
  await vi.advanceTimersByTimeAsync(UNDO_MS);
  expect(told).toEqual(["a2"]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(told).toEqual(["a2", "a2", "head q2"]);
});

it("what the server was not told of before the page was left is told by the next one, before anything is shown", async () => {
  const left = setUp([new ApiError(0, null, "")]);
  left.trash.remove(KEY, "q2");
  void left.trash.commit();
  const next = setUp([], left.disk);
  await next.trash.treeOf(KEY);
  expect(next.told).toEqual(["tree", "q2", "head a2", "tree"]);
  expect(next.disk.text).toBe("");
});

it("what the server knows already is not told again", async () => {
  const { trash, told, disk } = setUp([], {
    text: JSON.stringify([{ conversation: KEY, item: "gone" }]),
  });
  await trash.treeOf(KEY);
  expect(told).toEqual(["tree"]);
  expect(disk.text).toBe("");
});

it("notes that cannot be read are none", async () => {
  const { trash, told } = setUp([], { text: "{" });
  await trash.treeOf(KEY);
  expect(told).toEqual(["tree"]);
});

it("what the server does not let go yet is not shown, and told once at a time", async () => {
  const locked = new ApiError(409, "conversation_locked", "");
  const { trash, told, disk } = setUp([locked, locked], {
    text: JSON.stringify([{ conversation: KEY, item: "a1" }]),
  });
  const tree = await trash.treeOf(KEY);
  expect(tree.items.map((one) => one.id)).toEqual(["q1", "b1"]);
  expect(tree.head).toBe("q1");
  await trash.treeOf(KEY);
  expect(told.filter((one) => one === "a1")).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(told.filter((one) => one === "a1")).toHaveLength(3);
  expect(disk.text).toBe("");
});
