import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createStore } from "zustand/vanilla";

import type { Api, MemoryApi } from "./api";
import { ApiError } from "./api";
import { threadOf } from "./items";
import { Memory } from "./memory";
import type { ChatState } from "./state";
import { FIRST_STATE, openThread } from "./state";
import type { WireMemory, WireSummary, WireTree, WireTreeItem } from "./wire";

const SUMMARY: WireSummary = { id: "sum_1", last_item: "q1", text: "old", model: "house" };
const FACTS: WireMemory = { enabled: true, facts: [{ id: "fact_1", text: "Name: Mina" }], max_facts: 7 };

const say = (id: string, role: string, parent: string | null, response: string): WireTreeItem => ({
  id,
  type: "message",
  role,
  content: id,
  "maru:parent": parent,
  "maru:response": response,
});

const treeFrom = (first_item: string): WireTree => ({
  conversation_id: "conv_1",
  head: "a2",
  items: [
    say("q1", "user", null, "r1"),
    say("a1", "assistant", "q1", "r1"),
    say("q2", "user", "a1", "r2"),
    say("a2", "assistant", "q2", "r2"),
  ],
  running: [],
  responses: { r2: { status: "completed", model: "house", "maru:context": { first_item } } },
});
function setUp(api: Partial<MemoryApi>) {
  const thread = threadOf({
    conversation_id: "conv_1",
    head: "q1",
    items: [{ id: "q1", type: "message", role: "user", content: "hello", "maru:parent": null }],
    running: [],
    responses: {},
    summaries: [SUMMARY],
  });
  const store = createStore<ChatState>(() => ({
    ...FIRST_STATE,
    open: "conv_1",
    threads: { conv_1: { state: "ready", thread } },
  }));
  const memory = new Memory(store, api as Api);
  return { memory, store, state: () => store.getState(), thread: () => openThread(store.getState()) };
}

async function isMissing(): Promise<never> {
  throw new ApiError(404, null, "no such summary");
}

function gate() {
  let open: (() => void) | undefined;
  let refuse: ((error: Error) => void) | undefined;
  const passed = new Promise<void>((resolve, reject) => {
    open = resolve;
    refuse = reject;
  });
  return { passed, open: () => open?.(), refuse: (error: Error) => refuse?.(error) };
}

describe("a pin", () => {
  it("is on the page before the server answers, and is told when it did", async () => {
    const asked: unknown[] = [];
    const door = gate();
    const { memory, state, thread } = setUp({
      pinItem: (...words) => {
        asked.push(words);
        return door.passed;
      },
    });
    const done = memory.pin(["q1"], true);
    expect(thread().nodes["q1"]?.isPinned).toBe(true);
    expect(state().announcement).toBeNull();
    door.open();
    await done;
    expect(asked).toEqual([["conv_1", "q1", true]]);
    expect(state().announcement?.kind).toBe("pinned");
  });

  it("is taken back when the server refuses", async () => {
    const door = gate();
    const { memory, state, thread } = setUp({ pinItem: () => door.passed });
    const done = memory.pin(["q1"], true);
    door.refuse(new ApiError(503, "unavailable", "not now"));
    await expect(done).rejects.toThrow("not now");
    expect(thread().nodes["q1"]?.isPinned).toBe(false);
    expect(state().announcement).toBeNull();
  });
});

describe("a summary", () => {
  it("has the words that the server kept", async () => {
    const changed = { ...SUMMARY, text: "new, trimmed", edited_at: 2 };
    const { memory, thread } = setUp({ changeSummary: async () => changed });
    await memory.changeSummary("sum_1", " new, trimmed ");
    expect(thread().summaries).toMatchObject([{ text: "new, trimmed", isEdited: true }]);
  });

  it("that is gone on the server is gone here", async () => {
    const renewed = setUp({ renewSummary: isMissing });
    await expect(renewed.memory.renewSummary("sum_1")).rejects.toThrow("no such summary");
    expect(renewed.thread().summaries).toEqual([]);
    const deleted = setUp({ deleteSummary: isMissing });
    await deleted.memory.deleteSummary("sum_1");
    expect(deleted.thread().summaries).toEqual([]);
  });

  it("stays when the server cannot be reached", async () => {
    const { memory, thread } = setUp({
      deleteSummary: async () => {
        throw new ApiError(0, "unreachable", "no network");
      },
    });
    await expect(memory.deleteSummary("sum_1")).rejects.toThrow("no network");
    expect(thread().summaries).toHaveLength(1);
  });
});

describe("a summary that is written after an answer", () => {
  let asked = 0;

  function looking(first_item: string, thereAt: number) {
    asked = 0;
    const page = setUp({
      summaries: async () => {
        asked += 1;
        return asked < thereAt ? [] : [{ ...SUMMARY, last_item: "a1" }];
      },
    });
    const thread = threadOf(treeFrom(first_item));
    page.store.setState({ threads: { conv_1: { state: "ready", thread } } });
    return page;
  }

  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("comes onto the page when it is there, and is not asked for again", async () => {
    const { memory, thread } = looking("q2", 2);
    void memory.lookForSummary("conv_1");
    await vi.advanceTimersByTimeAsync(1_000);
    expect([asked, thread().summaries]).toEqual([1, []]);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(asked).toBe(2);
    expect(thread().summaries).toMatchObject([{ lastItem: "a1" }]);
  });

  it("is not looked for while the model sees everything", async () => {
    void looking("q1", 1).memory.lookForSummary("conv_1");
    await vi.advanceTimersByTimeAsync(120_000);
    expect(asked).toBe(0);
  });

  it("comes also when its writer had to wait for minutes, and answers ended elsewhere meanwhile", async () => {
    const { memory, thread } = looking("q2", 9);
    void memory.lookForSummary("conv_1");
    await vi.advanceTimersByTimeAsync(1_000);
    void memory.lookForSummary("conv_2");
    await vi.advanceTimersByTimeAsync(300_000);
    expect(thread().summaries).toMatchObject([{ lastItem: "a1" }]);
  });

  it("is looked for a few times only, and no more in a conversation that was left", async () => {
    void looking("q2", 99).memory.lookForSummary("conv_1");
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(asked).toBe(12);
    const { memory, store } = looking("q2", 99);
    void memory.lookForSummary("conv_1");
    await vi.advanceTimersByTimeAsync(1_000);
    store.setState({ open: "conv_2" });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(asked).toBe(1);
  });

  it("is looked for once, when several answers ended one after another", async () => {
    const { memory } = looking("q2", 99);
    void memory.lookForSummary("conv_1");
    void memory.lookForSummary("conv_1");
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(asked).toBe(12);
  });
});

describe("facts", () => {
  it("are as the server has them, with its bounds", async () => {
    const { memory, state } = setUp({ memory: async () => FACTS });
    await memory.loadFacts();
    expect(state().facts).toEqual({ state: "ready", isOn: true, list: FACTS.facts, most: 7, longest: 300 });
  });

  it("stay on the page when they cannot be asked for again", async () => {
    let isUp = true;
    const { memory, state } = setUp({
      memory: async () => {
        if (!isUp) throw new ApiError(0, "unreachable", "no network");
        return FACTS;
      },
    });
    await memory.loadFacts();
    isUp = false;
    await memory.loadFacts();
    expect(state().facts.state).toBe("ready");
    const other = setUp({ memory: () => Promise.reject(new ApiError(0, "unreachable", "no network")) });
    await other.memory.loadFacts();
    expect(other.state().facts.state).toBe("failed");
  });

  it("are added with the place where they were said, changed and deleted", async () => {
    const asked: unknown[] = [];
    const { memory, state } = setUp({
      memory: async () => FACTS,
      addFact: async (text, conversation) => {
        asked.push(conversation);
        return { id: `fact_${asked.length + 1}`, text };
      },
      changeFact: async (id, text) => ({ id, text }),
      deleteFact: async () => undefined,
    });
    await memory.loadFacts();
    await memory.addFact("Likes pears", true);
    await memory.addFact("Lives in Jeonju", false);
    await memory.changeFact("fact_1", "Name: Mira");
    await memory.deleteFact("fact_2");
    expect(asked).toEqual(["conv_1", null]);
    expect(state().facts.list.map((fact) => fact.text)).toEqual(["Name: Mira", "Lives in Jeonju"]);
  });
});
