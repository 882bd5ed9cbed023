import { expect, it } from "vitest";

import { keepingCopies, treeOf } from "./copies";

const TREE = "/v1/conversations/conv_1/tree";

/** One cache, which lets go of what it holds before it reads what is to take its place, as Chromium's does. */
function oneCache(): CacheStorage {
  const held = new Map<string, string>();
  const cache = {
    match: async (path: string) => (held.has(path) ? new Response(held.get(path)) : undefined),
    delete: async (path: string) => held.delete(path),
    keys: async () => [...held.keys()].map((url) => ({ url })),
    put: async (path: string, answer: Response) => {
      held.delete(path);
      held.set(path, await answer.text());
    },
  };
  return { open: async () => cache, delete: async () => held.clear() } as unknown as CacheStorage;
}

/** An answer whose body comes when `go` is called: whole, or lost on its way. */
function slow(text: string): { answer: Response; go: (isLost?: boolean) => void } {
  let way: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({ start: (its) => void (way = its) });
  return {
    answer: new Response(body),
    go: (isLost = false) => {
      way?.enqueue(new TextEncoder().encode(isLost ? text.slice(0, 4) : text));
      if (isLost) way?.error(new TypeError("network error"));
      else way?.close();
    },
  };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 600));

function setUp() {
  const answers: Response[] = [];
  const storage = oneCache();
  const fetcher = keepingCopies(async () => answers.shift() as Response, storage);
  return { answers, storage, fetcher };
}

it("an answer that is lost on its way takes the place of no copy", async () => {
  const { answers, storage, fetcher } = setUp();
  const lost = slow('{"head":"newer"}');
  answers.push(new Response('{"head":"a"}'), lost.answer);
  await fetcher(TREE);
  await settled();
  await fetcher(TREE);
  lost.go(true);
  await settled();
  expect(await treeOf(storage, "conv_1")).toEqual({ head: "a" });
});

it("an answer that comes after a deletion, and was asked for before, is not kept", async () => {
  const { answers, storage, fetcher } = setUp();
  const late = slow('{"head":"a"}');
  answers.push(late.answer, new Response("{}"));
  await fetcher(TREE);
  await fetcher("/v1/conversations/conv_1", { method: "DELETE" });
  late.go();
  await settled();
  expect(await treeOf(storage, "conv_1")).toBeNull();
});

it("what was asked for with a key that is refused meanwhile is not kept", async () => {
  const { answers, storage, fetcher } = setUp();
  const late = slow('{"head":"theirs"}');
  answers.push(late.answer, new Response(null, { status: 401 }));
  await fetcher(TREE);
  await fetcher("/v1/models");
  late.go();
  await settled();
  expect(await treeOf(storage, "conv_1")).toBe(null);
});

it("an answer that comes after a newer one does not take its place", async () => {
  const { answers, storage, fetcher } = setUp();
  const late = slow('{"head":"older"}');
  answers.push(late.answer, new Response('{"head":"newer"}'));
  await fetcher(TREE);
  await fetcher(TREE);
  await settled();
  late.go();
  await settled();
  expect(await treeOf(storage, "conv_1")).toEqual({ head: "newer" });
});

it("a deletion while a copy is being written takes that with it", async () => {
  const { answers, storage, fetcher } = setUp();
  const cache = await storage.open("");
  const way = Promise.withResolvers<void>();
  const put = cache.put.bind(cache);
  cache.put = async (...copy) => {
    await way.promise;
    await put(...copy);
  };
  answers.push(new Response('{"head":"a"}'), new Response("{}"));
  await fetcher(TREE);
  await settled();
  await fetcher("/v1/conversations/conv_1", { method: "DELETE" });
  way.resolve();
  await settled();
  expect(await treeOf(storage, "conv_1")).toBeNull();
});
