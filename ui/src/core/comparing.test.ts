import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "./api";
import { columnsOf } from "./columns";
import { promptOf } from "./comparing";
import { setUp, settle } from "./session-test-setup";
import { openThread } from "./state";
import type { WireTree } from "./wire";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

type Page = ReturnType<typeof setUp>;

const MODELS = ["one", "two", "three"].map((id) => ({ id, "maru:state": "ready" as const }));
const QUESTION = { id: "q", type: "message", role: "user", content: "which?" };

async function asked(api: Parameters<typeof setUp>[0] = {}): Promise<Page> {
  const page = setUp({ models: async () => MODELS, ...api });
  page.newest().opens();
  await settle();
  page.session.comparing.choose(["one", "two"]);
  page.session.send("which?");
  await settle();
  return page;
}

function created(lane: string, id: string, model: string, names: string[] = []) {
  const response = {
    id,
    status: "in_progress",
    model,
    "maru:input": names,
    "maru:parent": names.length > 0 ? null : "q",
  };
  return { type: "response.created", stream_id: lane, sequence_number: 0, response };
}

async function resumedWith(tree: Partial<WireTree>): Promise<Page> {
  const found = { conversation_id: "conv_1", head: "q", items: [QUESTION], running: [], responses: {} };
  const page = await asked({ tree: async () => ({ ...found, ...tree }) });
  page.newest().breaks();
  await vi.advanceTimersByTimeAsync(2_000);
  page.newest().opens();
  await settle();
  return page;
}
const sentAgain = ({ newest }: Page) =>
  newest().sent.map((frame) => [frame["type"], frame["model"] ?? frame["response_id"]]);
const compared = ({ session }: Page) => {
  const state = session.store.getState();
  return promptOf(openThread(state), state.comparisons["conv_1"]?.question ?? "");
};

const columns = ({ session }: Page) => {
  const thread = openThread(session.store.getState());
  return columnsOf(thread, thread.roots[0] ?? "", ["one", "two"]).map(({ model, failure, lane }) => [
    model,
    failure !== null ? "failed" : lane !== null ? "runs" : "ended",
  ]);
};

const end = (lane: string, id: string) => ({
  type: "response.completed",
  stream_id: lane,
  sequence_number: 2,
  response: { id, status: "completed", model: "m" },
});

it("the first create brings the question, and the others go when the server has named it", async () => {
  const page = await asked();
  expect(page.newest().sent).toHaveLength(1);
  expect(columns(page)).toEqual([
    ["one", "runs"],
    ["two", "runs"],
  ]);
  page.newest().says(created("page-1", "resp_1", "one", ["q"]));
  expect(page.newest().sent[1]).toMatchObject({ model: "two", input: [], "maru:parent": "q" });
  expect(page.newest().sent[1]?.["stream_id"]).not.toBe("page-1");
});

it("a question whose first create is refused is brought by the next one", async () => {
  const page = await asked();
  page.newest().says({ type: "error", stream_id: "page-1", error: { message: "no" } });
  expect(page.newest().sent[1]).toMatchObject({ model: "two", "maru:parent": null });
  expect(page.newest().sent[1]).toMatchObject({ input: [{ content: [{ text: "which?" }] }] });
  page.newest().says(created("page-2", "resp_2", "two", ["q"]));
  expect(columns(page)).toEqual([
    ["one", "failed"],
    ["two", "runs"],
  ]);
});

it("a connection that breaks between two creates sends again the one that did not arrive, and only that", async () => {
  const tree: WireTree = {
    conversation_id: "conv_1",
    head: "q",
    items: [QUESTION],
    running: ["resp_1"],
    responses: { resp_1: { status: "in_progress", model: "one", "maru:answers": "q" } },
  };
  const page = await asked({ tree: async () => tree });
  page.newest().says(created("page-1", "resp_1", "one", ["q"]));
  page.newest().breaks();
  await vi.advanceTimersByTimeAsync(2_000);
  page.newest().opens();
  await settle();
  const sent = page.newest().sent.map((frame) => [frame["type"], frame["model"] ?? frame["response_id"]]);
  expect(sent).toEqual([
    ["maru:response.follow", "resp_1"],
    ["response.create", "two"],
  ]);
  expect(columns(page)).toHaveLength(2);
});

it("one that arrived beside it is followed, and not asked twice", async () => {
  const running = { status: "in_progress", "maru:answers": "q" } as const;
  const tree: WireTree = {
    conversation_id: "conv_1",
    head: "q",
    items: [QUESTION],
    running: ["resp_1", "resp_2"],
    responses: { resp_1: { ...running, model: "one" }, resp_2: { ...running, model: "two" } },
  };
  const page = await asked({ tree: async () => tree });
  page.newest().says(created("page-1", "resp_1", "one", ["q"]));
  page.newest().breaks();
  await vi.advanceTimersByTimeAsync(2_000);
  page.newest().opens();
  await settle();
  expect(page.newest().sent.filter((frame) => frame["type"] === "response.create")).toEqual([]);
  expect(columns(page)).toEqual([
    ["one", "runs"],
    ["two", "runs"],
  ]);
});

describe("a connection that breaks before the server has named the question", () => {
  const answers = { "maru:answers": "q", model: "one" } as const;
  const answer = {
    id: "a",
    type: "message",
    role: "assistant",
    content: "that",
    "maru:parent": "q",
  } as const;

  it("has those that wait for it sent below the question that arrived, while the first one runs", async () => {
    const page = await resumedWith({
      running: ["resp_1"],
      responses: { resp_1: { ...answers, status: "in_progress" } },
    });
    expect(sentAgain(page)).toEqual([
      ["maru:response.follow", "resp_1"],
      ["response.create", "two"],
    ]);
    expect(page.newest().sent[1]).toMatchObject({ input: [], "maru:parent": "q" });
    expect(compared(page)).toBe("q");
    expect(columns(page)).toEqual([
      ["one", "runs"],
      ["two", "runs"],
    ]);
  });

  it("and when the first one has ended", async () => {
    const page = await resumedWith({
      head: "a",
      items: [QUESTION, { ...answer, "maru:response": "resp_1" }],
      responses: { resp_1: { ...answers, status: "completed" } },
    });
    expect(sentAgain(page)).toEqual([["response.create", "two"]]);
    expect(page.newest().sent[0]).toMatchObject({ input: [], "maru:parent": "q" });
    expect(compared(page)).toBe("q");
    expect(columns(page)).toEqual([
      ["one", "ended"],
      ["two", "runs"],
    ]);
    page.newest().says(created("page-2", "resp_2", "two"));
    page.newest().says(end("page-2", "resp_2"));
    expect(Object.keys(page.thread().runs)).toEqual([]);
  });

  it("has the question sent once more, and by the first one only, when it did not arrive", async () => {
    const page = await resumedWith({ head: null, items: [] });
    expect(sentAgain(page)).toEqual([["response.create", "one"]]);
    expect(page.newest().sent[0]).toMatchObject({ input: [{ content: [{ text: "which?" }] }] });
  });
});

it("one that is asked again beside one that is written stays in its column", async () => {
  const page = await asked();
  const { newest, session } = page;
  newest().says(created("page-1", "resp_1", "one", ["q"]));
  newest().says({ type: "error", stream_id: "page-2", error: { message: "no" } });
  const item = { id: "a", type: "message", role: "assistant", status: "in_progress", content: [] };
  const added = { type: "response.output_item.added", sequence_number: 1, output_index: 0, item };
  newest().says({ ...added, stream_id: "page-1" });
  session.comparing.askMore("q", ["two"]);
  await settle();
  const state = session.store.getState();
  const shown = state.comparisons["conv_1"];
  expect(promptOf(openThread(state), shown?.question ?? "")).toBe("q");
  expect(shown?.models).toEqual(["one", "two"]);
});

it("a question that never left goes again to all that it was meant for", async () => {
  let isDown = true;
  const page = await asked({
    createConversation: async () => {
      if (isDown) throw new ApiError(0, "unreachable", "down");
      return { id: "conv_1", created_at: 1 };
    },
  });
  expect(columns(page)).toEqual([
    ["one", "failed"],
    ["two", "failed"],
  ]);
  isDown = false;
  page.session.retry(page.thread().roots[0] ?? "");
  await settle();
  expect(columns(page)).toEqual([
    ["one", "runs"],
    ["two", "runs"],
  ]);
  expect(page.session.store.getState().comparisons["conv_1"]?.models).toEqual(["one", "two"]);
  const [first] = page.newest().sent;
  page.newest().says(created(String(first?.["stream_id"]), "resp_1", "one", ["q"]));
  expect(page.newest().sent.map((frame) => frame["model"])).toEqual(["one", "two"]);
});

it("a question that another model still brings is not taken back by a retry", async () => {
  const page = await asked();
  page.newest().says({ type: "error", stream_id: "page-1", error: { message: "no" } });
  const question = page.thread().roots[0] ?? "";
  page.session.retry(question);
  expect(page.thread().roots).toEqual([question]);
  page.session.comparing.askMore(question, ["one"]);
  page.newest().says(created("page-2", "resp_2", "two", ["q"]));
  expect(page.newest().sent.at(-1)).toMatchObject({ model: "one", input: [], "maru:parent": "q" });
});

it("stop ends all of them, also those that wait for the first", async () => {
  const page = await asked();
  page.session.stop();
  expect(columns(page)).toEqual([
    ["one", "runs"],
    ["two", "failed"],
  ]);
  page.newest().says(created("page-1", "resp_1", "one", ["q"]));
  expect(page.newest().sent.map((frame) => frame["type"])).toEqual(["response.create", "response.cancel"]);
});

it("what was chosen holds for one question", async () => {
  const { session } = await asked();
  expect(session.store.getState().comparedModels).toEqual({});
  expect(session.store.getState().comparisons["conv_1"]?.models).toEqual(["one", "two"]);
});

it("the server shows what the page shows, once all have ended", async () => {
  const heads: unknown[] = [];
  const page = await asked({
    changeConversation: async (id, change) => {
      heads.push(change["maru:head"]);
      return { id, created_at: 1 };
    },
  });
  const { newest } = page;
  newest().says(created("page-1", "resp_1", "one", ["q"]));
  newest().says(created("page-2", "resp_2", "two"));
  for (const [lane, id] of [
    ["page-2", "two"],
    ["page-1", "one"],
  ] as const) {
    const item = { id: `answer_${id}`, type: "message", role: "assistant", status: "completed", content: [] };
    newest().says({
      type: "response.output_item.added",
      stream_id: lane,
      sequence_number: 1,
      output_index: 0,
      item,
    });
  }
  newest().says(end("page-2", "resp_2"));
  expect(heads).toEqual([]);
  newest().says(end("page-1", "resp_1"));
  expect(heads).toEqual(["answer_two"]);
});

it("a model that is asked once more and fails again leaves the chat at the answer that was shown", async () => {
  const heads: unknown[] = [];
  const page = await asked({
    changeConversation: async (id, change) => {
      heads.push(change["maru:head"]);
      return { id, created_at: 1 };
    },
  });
  const { session, newest, thread } = page;
  newest().says(created("page-1", "resp_1", "one", ["q"]));
  const item = { id: "answer", type: "message", role: "assistant", status: "completed", content: [] };
  const added = { type: "response.output_item.added", sequence_number: 1, output_index: 0, item };
  newest().says({ ...added, stream_id: "page-1" });
  newest().says(end("page-1", "resp_1"));
  newest().says({ type: "error", stream_id: "page-2", error: { message: "no" } });
  expect(thread().head).toBe("answer");
  session.comparing.askMore("q", ["two"]);
  await settle();
  const again = String(newest().sent.at(-1)?.["stream_id"]);
  newest().says({ type: "error", stream_id: again, error: { message: "no again" } });
  expect(thread().head).toBe("answer");
  expect(heads).toEqual(["answer", "answer"]);
});
