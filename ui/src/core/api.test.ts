import { expect, it, vi } from "vitest";

import { httpApi } from "./api";

/** What is asked, and answers that come when the test says so. */
function setUp() {
  const asked: { readonly path: string; readonly init: RequestInit; answer(): void }[] = [];
  const fetcher = (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> =>
    new Promise((resolve) => {
      asked.push({ path: String(input), init, answer: () => resolve(Response.json({ data: [] })) });
    });
  return { asked, api: httpApi(fetcher as typeof fetch, () => null) };
}

it("a change outlives the page that made it, if it is small; what somebody waits for does not", () => {
  const { asked, api } = setUp();
  void api.changeConversation("conv_1", { "maru:title": "Renamed, and the tab closed" });
  void api.deleteFolder("fold_1");
  void api.changeCustom({ about: "x".repeat(5_000) });
  void api.goOn({ prompt: "short" }, new AbortController().signal);
  void api.models();
  expect(asked.map(({ init }) => init.keepalive)).toEqual([true, true, false, false, false]);
});

it("changes that are on their way together do not outlive the page where a browser would refuse them all", async () => {
  const { asked, api } = setUp();
  const text = "가".repeat(3_900);
  const facts = Array.from({ length: 6 }, () => api.addFact(text, null));
  const bytes = asked
    .filter(({ init }) => init.keepalive)
    .map(({ init }) => new TextEncoder().encode(String(init.body)).length);
  expect(bytes.length).toBeGreaterThan(1);
  expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(64 * 1024);
  for (const one of asked) one.answer();
  await Promise.all(facts);
  void api.addFact(text, null);
  expect(asked.at(-1)?.init.keepalive).toBe(true);
});

it("changes of one conversation reach the server in their order", async () => {
  const { asked, api } = setUp();
  const changes = [true, false].map((isPinned) =>
    api.changeConversation("conv_1", { "maru:pinned": isPinned }),
  );
  void api.changeConversation("conv_2", { "maru:pinned": true });
  expect(asked.map(({ path }) => path.split("/").at(-1))).toEqual(["conv_1", "conv_2"]);
  asked[0]?.answer();
  await changes[0];
  await vi.waitFor(() => expect(asked.map(({ init }) => init.body).at(-1)).toBe('{"maru:pinned":false}'));
});

it("a tree is asked for when what was changed in it before has arrived", async () => {
  const { asked, api } = setUp();
  const changed = api.changeConversation("conv_1", { "maru:head": "msg_2" });
  const rated = api.rate("conv_1", "msg_2", { value: "up", reasons: [], comment: "" });
  const tree = api.tree("conv_1");
  void api.tree("conv_2");
  const paths = () => asked.map(({ path }) => path.split("/").slice(3).join("/"));
  expect(paths()).toEqual(["conv_1", "conv_2/tree"]);
  asked[0]?.answer();
  await changed;
  await vi.waitFor(() => expect(paths().at(-1)).toBe("conv_1/items/msg_2/rating"));
  asked.at(-1)?.answer();
  await rated;
  await vi.waitFor(() => expect(paths().at(-1)).toBe("conv_1/tree"));
  asked.at(-1)?.answer();
  await tree;
});
