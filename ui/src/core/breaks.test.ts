/** What happens to an answer, to its Stop and to what waits for its end while the connection is broken. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "./api";
import { EMPTY_TREE, setUp, settle } from "./session-test-setup";
import { waitBefore } from "./socket";
import type { ResponseStatus, WireTree } from "./wire";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const question = {
  id: "msg_1",
  type: "message",
  role: "user",
  content: [{ type: "input_text", text: "hello" }],
} as const;
const answer = {
  id: "msg_2",
  type: "message",
  role: "assistant",
  content: [{ type: "output_text", text: "Hi" }],
  "maru:parent": "msg_1",
  "maru:response": "resp_1",
} as const;

/** The server's tree once the question has arrived and its answer stands so. */
function treeWith(status: ResponseStatus): WireTree {
  const isRunning = status === "in_progress";
  return {
    ...EMPTY_TREE,
    head: isRunning ? "msg_1" : "msg_2",
    items: isRunning ? [question] : [question, answer],
    running: isRunning ? ["resp_1"] : [],
    responses: { resp_1: { status, model: "house", "maru:answers": "msg_1" } },
  };
}

/** A page that has asked, and whose connection breaks before the server named the answer. */
async function asked(tree: () => WireTree) {
  const page = setUp({ tree: async () => tree() });
  page.newest().opens();
  await settle();
  page.session.send("hello");
  await settle();
  return page;
}

async function breaksAndComesBack(page: Awaited<ReturnType<typeof asked>>): Promise<void> {
  page.newest().breaks();
  await vi.advanceTimersByTimeAsync(waitBefore(1, 1));
  page.newest().opens();
  await settle();
}

describe("a stop before the server named the answer", () => {
  it("is told to the server once the connection is back", async () => {
    const page = await asked(() => treeWith("in_progress"));
    page.session.stop();
    await breaksAndComesBack(page);
    expect(page.newest().sent.map((frame) => [frame["type"], frame["response_id"]])).toEqual([
      ["maru:response.follow", "resp_1"],
      ["response.cancel", "resp_1"],
    ]);
    expect(Object.values(page.thread().runs).map(({ isStopping }) => isStopping)).toEqual([true]);
  });

  it.each([["kept"], ["temporary"]])(
    "takes back a question of a %s chat that did not arrive",
    async (kind) => {
      const page = setUp({ tree: async () => EMPTY_TREE });
      page.newest().opens();
      await settle();
      page.session.setTemporary(kind === "temporary");
      page.session.send("hello");
      await settle();
      page.session.stop();
      await breaksAndComesBack(page);
      expect(page.newest().sent).toEqual([]);
      expect(page.thread().runs).toEqual({});
      expect(page.thread().unanswered[page.thread().head ?? ""]?.status).toBe("cancelled");
    },
  );
});

describe("an answer that ended during the break", () => {
  it.each([
    ["completed", ["response.create"], false],
    ["failed", [], true],
  ] as const)("%s: what waits for its end goes, or is held", async (status, sent, isHeld) => {
    const page = await asked(() => treeWith(status));
    page.session.send("and then?");
    await breaksAndComesBack(page);
    expect(page.newest().sent.map((frame) => frame["type"])).toEqual(sent);
    expect(page.session.store.getState().waiting["conv_1"]?.isHeld).toBe(isHeld ? true : undefined);
  });

  it("and whose frames the server has forgotten counts as it ended", async () => {
    const page = await asked(() => treeWith("completed"));
    const { session, newest } = page;
    newest().says({
      type: "response.created",
      stream_id: "page-1",
      sequence_number: 0,
      response: { id: "resp_1", status: "in_progress", model: "house", "maru:input": ["msg_1"] },
    });
    session.send("and then?");
    await breaksAndComesBack(page);
    newest().says({ type: "error", stream_id: "page-1", error: { code: "not_found", message: "gone" } });
    await settle();
    expect(newest().sent.at(-1)).toMatchObject({
      type: "response.create",
      input: [{ content: [{ text: "and then?" }] }],
    });
    expect(session.store.getState().announcement?.kind).toBe("finished");
  });

  it("is a failure where nobody can look", async () => {
    const page = await asked(() => {
      throw new ApiError(0, null, "down");
    });
    page.newest().says({
      type: "response.created",
      stream_id: "page-1",
      sequence_number: 0,
      response: { id: "resp_1", status: "in_progress", model: "house", "maru:input": ["msg_1"] },
    });
    page.session.send("and then?");
    await breaksAndComesBack(page);
    page.newest().says({ type: "error", stream_id: "page-1", error: { code: "not_found", message: "gone" } });
    await settle();
    expect(page.session.store.getState().waiting["conv_1"]?.isHeld).toBe(true);
  });
});

it("a question that is asked while an answer is looked for on the server keeps its run", async () => {
  let look = Promise.resolve(EMPTY_TREE);
  const page = setUp({ tree: () => look });
  const { session, newest, thread } = page;
  newest().opens();
  await settle();
  session.send("hello");
  await settle();
  newest().says({
    type: "response.created",
    stream_id: "page-1",
    sequence_number: 0,
    response: { id: "resp_1", status: "in_progress", model: "house", "maru:input": ["msg_1"] },
  });
  const found = Promise.withResolvers<WireTree>();
  look = found.promise;
  newest().says({ type: "error", stream_id: "page-1", error: { code: "not_found", message: "gone" } });
  session.send("and then?");
  await settle();
  const begun = Object.values(thread().runs);
  expect(begun).toHaveLength(1);
  found.resolve(treeWith("completed"));
  await settle();
  expect(Object.values(thread().runs).map(({ key }) => key)).toEqual(begun.map(({ key }) => key));
  expect(session.store.getState().announcement?.kind).toBe("finished");
});

describe("a tree that was asked for before a question was answered does not take both off the page", () => {
  const second = { ...answer, id: "msg_4", "maru:parent": "msg_3", "maru:response": "resp_2" };
  const newer: WireTree = {
    ...treeWith("completed"),
    head: "msg_4",
    items: [question, answer, { ...question, id: "msg_3", "maru:parent": "msg_2" }, second],
    responses: {
      ...treeWith("completed").responses,
      resp_2: { status: "completed", model: "house", "maru:answers": "msg_3" },
    },
  };

  function answers(page: ReturnType<typeof setUp>, lane: string): void {
    const response = { id: "resp_2", model: "house", "maru:input": ["msg_3"] };
    page.newest().says({
      type: "response.created",
      stream_id: lane,
      sequence_number: 0,
      response: { ...response, status: "in_progress" },
    });
    page.newest().says({
      type: "response.completed",
      stream_id: lane,
      sequence_number: 1,
      response: { ...response, status: "completed", output: [second] },
    });
  }

  it("when the tab is looked at again", async () => {
    let look = Promise.resolve(treeWith("completed"));
    const page = setUp({ tree: () => look });
    page.newest().opens();
    page.session.open("conv_1");
    await settle();
    const old = Promise.withResolvers<WireTree>();
    look = old.promise;
    page.session.wake();
    page.session.send("and then?");
    await settle();
    answers(page, "page-1");
    await settle();
    look = Promise.resolve(newer);
    old.resolve(treeWith("completed"));
    await settle();
    expect(Object.keys(page.thread().nodes)).toEqual(["msg_1", "msg_2", "msg_3", "msg_4"]);
  });

  it("when the frames of an answer are gone", async () => {
    let look = Promise.resolve(EMPTY_TREE);
    const page = setUp({ tree: () => look });
    page.newest().opens();
    await settle();
    page.session.send("hello");
    await settle();
    page.newest().says({
      type: "response.created",
      stream_id: "page-1",
      sequence_number: 0,
      response: { id: "resp_1", status: "in_progress", model: "house", "maru:input": ["msg_1"] },
    });
    const old = Promise.withResolvers<WireTree>();
    look = old.promise;
    page.newest().says({ type: "error", stream_id: "page-1", error: { code: "not_found", message: "gone" } });
    page.session.send("and then?");
    await settle();
    answers(page, "page-2");
    await settle();
    look = Promise.resolve(newer);
    old.resolve(treeWith("completed"));
    await settle();
    expect(Object.keys(page.thread().nodes)).toEqual(["msg_1", "msg_2", "msg_3", "msg_4"]);
  });
});

/** A page that looks for a question which left before a break. */
async function lookedFor() {
  const looks: PromiseWithResolvers<WireTree>[] = [];
  const page = setUp({
    tree: () => {
      const look = Promise.withResolvers<WireTree>();
      looks.push(look);
      return look.promise;
    },
  });
  page.newest().opens();
  await settle();
  page.session.send("hello");
  await settle();
  await breaksAndComesBack(page);
  const answerLooks = async (tree: WireTree): Promise<void> => {
    for (const look of looks.splice(0)) look.resolve(tree);
    await settle();
  };
  return { ...page, looks, answerLooks };
}

describe("while a question that left before a break is looked for", () => {
  it("another break does not have it sent twice", async () => {
    const page = await lookedFor();
    await breaksAndComesBack(page);
    expect(page.looks).toHaveLength(2);
    await page.answerLooks(EMPTY_TREE);
    expect(page.newest().sent.map((frame) => frame["type"])).toEqual(["response.create"]);
  });

  it("an answer of another model to it, which began meanwhile, goes on", async () => {
    const page = await lookedFor();
    page.session.comparing.askMore(page.thread().head ?? "", ["other"]);
    await settle();
    const [, lane] = Object.keys(page.thread().runs);
    page.newest().says({
      type: "response.created",
      stream_id: lane,
      sequence_number: 0,
      response: { id: "resp_2", status: "in_progress", model: "other", "maru:input": [] },
    });
    await settle();
    await page.answerLooks(treeWith("in_progress"));
    await page.answerLooks({
      ...treeWith("in_progress"),
      running: ["resp_1", "resp_2"],
      responses: {
        ...treeWith("in_progress").responses,
        resp_2: { status: "in_progress", model: "other", "maru:answers": "msg_1" },
      },
    });
    expect(
      Object.values(page.thread().runs)
        .map(({ responseId }) => responseId)
        .toSorted(),
    ).toEqual(["resp_1", "resp_2"]);
  });
});
