/** Answers about models, facts, prompts and summaries that come late, when the page knows more than they do. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Api } from "./api";
import { ApiError } from "./api";
import { EMPTY_TREE, setUp, settle } from "./session-test-setup";
import type { WireFact, WireMemory, WireModel, WirePrompt, WireSummary, WireTree } from "./wire";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What is asked again and again: each answer comes when the test gives it. */
function asking<T>() {
  const asked: PromiseWithResolvers<T>[] = [];
  const ask = (): Promise<T> => {
    const answer = Promise.withResolvers<T>();
    asked.push(answer);
    return answer.promise;
  };
  return { asked, ask };
}

const fact = (id: string, text: string): WireFact => ({ id, text });
const memory = (...facts: WireFact[]): WireMemory => ({ enabled: true, facts });
const prompt = (id: string, title: string): WirePrompt =>
  ({ id, title, word: id, text: "", version: 1 }) as unknown as WirePrompt;
const say = (id: string, role: string, parent: string | null, response: string) =>
  ({
    id,
    type: "message",
    role,
    content: id,
    "maru:parent": parent,
    "maru:response": response,
  }) as const;
const model = (id: string): WireModel => ({ id, "maru:default": true, "maru:state": "ready" });

describe("models", () => {
  it("that were asked for first do not take the place of those that came meanwhile", async () => {
    const { asked, ask } = asking<readonly WireModel[]>();
    const { session } = setUp({ models: ask });
    session.wake();
    asked[1]?.resolve([model("newer")]);
    await settle();
    asked[0]?.resolve([model("older")]);
    await settle();
    expect(session.store.getState().models).toEqual([model("newer")]);
  });

  it("that are refused to nobody do not shut out who came in with a key since", async () => {
    const { asked, ask } = asking<readonly WireModel[]>();
    const { session } = setUp({ models: ask });
    session.comeIn("maru_1");
    asked[0]?.reject(new ApiError(401, "invalid_api_key", "a key, please"));
    await settle();
    expect(session.store.getState().access).toEqual({ kind: "open" });
    for (const { resolve } of asked) resolve([model("house")]);
    await settle();
    expect(session.store.getState().models).toEqual([model("house")]);
  });
});

describe("facts", () => {
  it("that were asked for before one was written, changed or deleted do not take that back", async () => {
    const { asked, ask } = asking<WireMemory>();
    const { session } = setUp({
      memory: ask,
      addFact: async (text) => fact("new", text),
      changeFact: async (id, text) => fact(id, text),
      deleteFact: async () => undefined,
    } as Partial<Api>);
    const first = session.memory.loadFacts();
    asked[0]?.resolve(memory(fact("a", "A"), fact("b", "B")));
    await first;
    const second = session.memory.loadFacts();
    await session.memory.addFact("New", false);
    await session.memory.changeFact("a", "Changed");
    await session.memory.deleteFact("b");
    asked[1]?.resolve(memory(fact("a", "A"), fact("b", "B")));
    await settle();
    const texts = () => session.store.getState().facts.list.map(({ text }) => text);
    expect(texts()).toEqual(["Changed", "New"]);
    asked[2]?.resolve(memory(fact("a", "Changed"), fact("new", "New")));
    await second;
    expect(texts()).toEqual(["Changed", "New"]);
  });

  it("are not doubled by one that the server has, and has not confirmed", async () => {
    const { asked, ask } = asking<WireMemory>();
    const added = Promise.withResolvers<WireFact>();
    const { session } = setUp({ memory: ask, addFact: () => added.promise } as Partial<Api>);
    const loading = session.memory.loadFacts();
    const adding = session.memory.addFact("New", false);
    asked[0]?.resolve(memory(fact("new", "New")));
    await settle();
    added.resolve(fact("new", "New"));
    await adding;
    await settle();
    asked[1]?.resolve(memory(fact("new", "New")));
    await loading;
    expect(session.store.getState().facts.list).toEqual([fact("new", "New")]);
  });
});

it("prompts that were asked for before one was saved or deleted do not take that back", async () => {
  const { asked, ask } = asking<readonly WirePrompt[]>();
  const { session } = setUp({
    prompts: ask,
    addPrompt: async () => prompt("c", "C"),
    deletePrompt: async () => undefined,
  } as Partial<Api>);
  const first = session.prompts.load();
  asked[0]?.resolve([prompt("a", "A"), prompt("b", "B")]);
  await first;
  void session.prompts.load();
  await session.prompts.save(null, { title: "C", word: "c", text: "" });
  await session.prompts.remove("a");
  asked[1]?.resolve([prompt("a", "A"), prompt("b", "B")]);
  await settle();
  expect(session.store.getState().prompts.list.map(({ id }) => id)).toEqual(["b", "c"]);
});

it("summaries that were asked for before the person changed one do not take that back", async () => {
  const items = [
    say("q1", "user", null, "r1"),
    say("a1", "assistant", "q1", "r1"),
    say("q2", "user", "a1", "r2"),
    say("a2", "assistant", "q2", "r2"),
    say("q3", "user", "a2", "r3"),
    say("a3", "assistant", "q3", "r3"),
  ];
  const old: WireSummary = { id: "sum_1", last_item: "a1", text: "old", model: "house" };
  const tree = {
    ...EMPTY_TREE,
    head: "a3",
    items,
    responses: { r3: { status: "completed", model: "house", "maru:context": { first_item: "q3" } } },
    "maru:summaries": [old],
  } as WireTree;
  const { asked, ask } = asking<readonly WireSummary[]>();
  const { session, thread } = setUp({
    tree: async () => tree,
    summaries: ask,
    changeSummary: async (_, __, text) => ({ ...old, text }),
  } as Partial<Api>);
  session.open("conv_1");
  await settle();
  await vi.advanceTimersByTimeAsync(1);
  asked[0]?.resolve([old]);
  await settle();
  expect(thread().summaries.map(({ text }) => text)).toEqual(["old"]);
  await vi.advanceTimersByTimeAsync(4_000);
  await session.memory.changeSummary("sum_1", "mine");
  asked[1]?.resolve([old]);
  await settle();
  expect(thread().summaries.map(({ text }) => text)).toEqual(["mine"]);
});
