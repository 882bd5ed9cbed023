import { afterEach, expect, it, vi } from "vitest";

import { InOrder } from "./in-order";
import { PATIENCE_MS } from "./patience";

afterEach(() => {
  vi.useRealTimers();
});

it("one begins when the one before is over, also where that failed; another thing waits for none of them", async () => {
  const begun: string[] = [];
  const inOrder = new InOrder();
  const first = Promise.withResolvers<string>();
  const begin = (name: string, answer: Promise<string>) => () => {
    begun.push(name);
    return answer;
  };
  const all = [
    inOrder.run("a", begin("first", first.promise)),
    inOrder.run("a", begin("second", Promise.resolve("2"))),
    inOrder.run("b", begin("other", Promise.resolve("3"))),
  ];
  expect(begun).toEqual(["first", "other"]);
  first.reject(new Error("away"));
  await expect(all[0]).rejects.toThrow("away");
  expect(await Promise.all(all.slice(1))).toEqual(["2", "3"]);
  expect(begun).toEqual(["first", "other", "second"]);
  await new Promise((resolve) => setTimeout(resolve));
  void inOrder.run("a", begin("third", Promise.resolve("4")));
  expect(begun.at(-1)).toBe("third");
});

it("one that hangs is waited for a while only, and not by each that comes after it", async () => {
  vi.useFakeTimers();
  const inOrder = new InOrder();
  const begun: string[] = [];
  const begin = (name: string) => async () => void begun.push(name);
  void inOrder.run("a", () => new Promise(() => undefined));
  void inOrder.run("a", begin("change"));
  void inOrder.after("a", begin("tree"));
  await vi.advanceTimersByTimeAsync(PATIENCE_MS - 1);
  expect(begun).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(begun).toEqual(["change", "tree"]);
  void inOrder.run("a", begin("at once"));
  expect(begun.at(-1)).toBe("at once");
});
