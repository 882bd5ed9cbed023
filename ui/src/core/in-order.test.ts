import { expect, it } from "vitest";

import { InOrder } from "./in-order";

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
  void inOrder.run("a", begin("third", Promise.resolve("4")));
  expect(begun.at(-1)).toBe("third");
});
