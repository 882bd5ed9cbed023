import { afterEach, describe, expect, it, vi } from "vitest";

import { Freshness } from "./freshness";
import { PATIENCE_MS } from "./patience";

afterEach(() => {
  vi.useRealTimers();
});

const settle = () => new Promise((resolve) => setTimeout(resolve));

/** A server whose answers come when the test says so, in any order. */
function slowServer() {
  const asked: PromiseWithResolvers<string>[] = [];
  const ask = (): Promise<string> => {
    const answer = Promise.withResolvers<string>();
    asked.push(answer);
    return answer.promise;
  };
  return { asked, ask };
}

describe("an answer that was overtaken by a later one", () => {
  it("is nothing, and so is its failure", async () => {
    const { asked, ask } = slowServer();
    const fresh = new Freshness();
    const answers = [fresh.newest(ask), fresh.newest(ask), fresh.newest(ask)];
    asked[2]?.resolve("third");
    expect(await answers[2]).toBe("third");
    asked[0]?.resolve("first");
    asked[1]?.reject(new Error("away"));
    expect(await Promise.all(answers)).toEqual([null, null, "third"]);
  });

  it("counts where the later one fails", async () => {
    const { asked, ask } = slowServer();
    const fresh = new Freshness();
    const answers = [fresh.newest(ask), fresh.newest(ask)];
    asked[1]?.reject(new Error("away"));
    await expect(answers[1]).rejects.toThrow("away");
    asked[0]?.resolve("first");
    expect(await answers[0]).toBe("first");
  });
});

describe("an answer that does not know of a change", () => {
  it.each(["newest", "current"] as const)("is asked for again, as its failure is (%s)", async (way) => {
    const { asked, ask } = slowServer();
    const fresh = new Freshness();
    const answer = fresh[way](ask);
    fresh.changed();
    asked[0]?.resolve("old");
    await settle();
    fresh.changed();
    asked[1]?.reject(new Error("away"));
    await settle();
    asked[2]?.resolve("new");
    expect(await answer).toBe("new");
  });

  it("is not asked for before the server was told", async () => {
    const { asked, ask } = slowServer();
    const fresh = new Freshness();
    const told = Promise.withResolvers<string>();
    const saved = fresh.tell(told.promise);
    const answer = fresh.newest(ask);
    await settle();
    expect(asked).toHaveLength(0);
    told.reject(new Error("refused"));
    await expect(saved).rejects.toThrow("refused");
    await settle();
    asked[0]?.resolve("as the server has it");
    expect(await answer).toBe("as the server has it");
  });

  it("comes all the same where telling the server hangs, and is asked for again when that is over", async () => {
    vi.useFakeTimers();
    const { asked, ask } = slowServer();
    const fresh = new Freshness();
    const told = Promise.withResolvers<string>();
    void fresh.tell(told.promise);
    const answer = fresh.newest(ask);
    await vi.advanceTimersByTimeAsync(PATIENCE_MS);
    expect(asked).toHaveLength(1);
    told.resolve("at last");
    asked[0]?.resolve("old");
    await vi.advanceTimersByTimeAsync(0);
    asked[1]?.resolve("new");
    expect(await answer).toBe("new");
  });
});
