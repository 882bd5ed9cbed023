import { describe, expect, it, vi } from "vitest";
import { createStore } from "zustand/vanilla";

import type { Api, FeedbackApi } from "./api";
import { ApiError } from "./api";
import { answersTo, Feedback, promptOf } from "./feedback";
import { threadOf } from "./items";
import type { ChatState } from "./state";
import { FIRST_STATE, openThread } from "./state";
import type { WireTree, WireTreeItem } from "./wire";

const at = (
  id: string,
  parent: string | null,
  response: string,
  rest: Partial<WireTreeItem>,
): WireTreeItem => ({
  id,
  type: "message",
  content: id,
  "maru:parent": parent,
  "maru:response": response,
  ...rest,
});
const answer = { item: "a1", response: "r1", model: "house" };
const TREE: WireTree = {
  conversation_id: "conv_1",
  head: "a2",
  items: [
    at("q1", null, "r1", { role: "user" }),
    at("t1", "q1", "r1", { type: "reasoning" }),
    at("a1", "t1", "r1", { role: "assistant" }),
    at("a2", "q1", "r2", { role: "assistant" }),
    at("t3", "q1", "r3", { type: "reasoning" }),
    at("q2", "a1", "r4", { role: "user" }),
    at("a4", "q2", "r4", { role: "assistant" }),
  ],
  running: [],
  responses: {},
  feedback: {
    ratings: [
      {
        id: "rating_1",
        object: "maru.rating",
        conversation: "conv_1",
        answer,
        value: "down",
        reasons: ["unsafe"],
        comment: null,
        created_at: 1,
        updated_at: 1,
      },
    ],
    rankings: [],
    demonstrations: [],
  },
};

function setUp(api: Partial<FeedbackApi>) {
  const store = createStore<ChatState>(() => ({
    ...FIRST_STATE,
    open: "conv_1",
    threads: { conv_1: { state: "ready", thread: threadOf(TREE) } },
  }));
  const feedback = new Feedback(store, api as Api);
  return { feedback, kept: () => openThread(store.getState()).feedback, state: () => store.getState() };
}

const refuse = async (): Promise<never> => {
  throw new ApiError(503, "storage_full", "full");
};

describe("feedback", () => {
  it("comes with the tree", () => {
    const { ratings } = setUp({}).kept();
    expect(ratings).toEqual({ a1: { value: "down", reasons: ["unsafe"], comment: "" } });
  });

  it("is shown at once and undone when the server refuses", async () => {
    const { feedback, kept, state } = setUp({ rate: refuse, removeRating: refuse });
    const asked = feedback.rate("a2", { value: "up", reasons: [], comment: "" });
    expect(kept().ratings["a2"]?.value).toBe("up");
    await expect(asked).rejects.toThrow("full");
    expect(kept().ratings["a2"]).toBeUndefined();
    await expect(feedback.rate("a1", null)).rejects.toThrow("full");
    expect(kept().ratings["a1"]?.value).toBe("down");
    expect(state().announcement).toBeNull();
  });

  it("sends what is pressed quickly in the order of the presses", async () => {
    const open: (() => void)[] = [];
    const asked: string[] = [];
    const wait = async (what: string): Promise<void> => {
      asked.push(what);
      await new Promise<void>((resolve) => open.push(resolve));
    };
    const { feedback, kept } = setUp({
      rate: (_conversation, _item, rating) => wait(rating.value),
      removeRating: () => wait("none"),
    });
    const all = [
      feedback.rate("a2", { value: "up", reasons: [], comment: "" }),
      feedback.rate("a2", { value: "down", reasons: [], comment: "" }),
      feedback.rate("a2", null),
    ];
    for (const upTo of [["up"], ["up", "down"], ["up", "down", "none"]]) {
      // oxlint-disable-next-line no-await-in-loop -- each answer lets the next one go
      await vi.waitFor(() => expect(asked).toEqual(upTo));
      open.shift()?.();
    }
    await Promise.all(all);
    expect(kept().ratings["a2"]).toBeUndefined();
  });

  it("keeps an order and a better answer only after the server took them", async () => {
    const { feedback, kept, state } = setUp({
      rank: async () => undefined,
      removeRanking: async () => undefined,
      demonstrate: refuse,
    });
    await feedback.rank("q1", [["a2"], ["a1"]]);
    expect(kept().rankings).toEqual({ q1: [["a2"], ["a1"]] });
    expect(state().announcement?.kind).toBe("ranked");
    await feedback.rank("q1", null);
    expect(kept().rankings).toEqual({});
    await expect(feedback.demonstrate("a1", "better")).rejects.toThrow("full");
    expect(kept().demonstrations).toEqual({});
  });

  it("knows the answers to a message, through their thinking, and not those to the next one", () => {
    const thread = threadOf(TREE);
    expect(answersTo(thread, "q1").map(({ item, first }) => [item, first])).toEqual([
      ["a1", "t1"],
      ["a2", "a2"],
    ]);
    expect(promptOf(thread, "a1")).toBe("q1");
    expect(promptOf(thread, "a4")).toBe("q2");
  });
});
