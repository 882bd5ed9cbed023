/** What a tab keeps of the playground, what can be brought back, and how a model's words come in. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import type { Session } from "@/core/session";
import type * as Sheets from "@/core/sheet";
import { EMPTY } from "@/core/sheet";
import { dropLeftovers, PLAYGROUND_KEY } from "@/shared/leftovers";

import type { Kept } from "./kept";

vi.mock("@/core/sheet", async (real) => {
  const sheet = await real<typeof Sheets>();
  return { ...sheet, continued: vi.fn<typeof sheet.continued>(sheet.continued) };
});

/** A browser's storage, as far as it is used. */
class Store {
  private readonly held = new Map<string, string>();
  getItem = (key: string): string | null => this.held.get(key) ?? null;
  setItem = vi.fn<Storage["setItem"]>((key, text) => void this.held.set(key, text));
  removeItem = (key: string): boolean => this.held.delete(key);
}

let page = new EventTarget();

beforeEach(() => {
  vi.useFakeTimers();
  page = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("localStorage", new Store());
  vi.stubGlobal("sessionStorage", new Store());
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A tab that opens the playground. */
async function tab() {
  vi.resetModules();
  return await import("./desk");
}

function kept(storage: Storage = localStorage): Kept {
  return JSON.parse(storage.getItem(PLAYGROUND_KEY) ?? "null") as Kept;
}

/** An engine whose words the test says, until it ends them. */
function engine() {
  let way: ReadableStreamDefaultController<Uint8Array> | undefined;
  const asked: unknown[] = [];
  const goOn: Session["goOn"] = async (what) => {
    asked.push(what);
    return new ReadableStream<Uint8Array>({ start: (its) => void (way = its) });
  };
  const event = (data: string): void => way?.enqueue(new TextEncoder().encode(`data: ${data}\n\n`));
  return {
    session: { goOn } as unknown as Session,
    asked,
    say: async (text: string) => {
      event(JSON.stringify({ choices: [{ text, finish_reason: null }] }));
      await vi.advanceTimersByTimeAsync(0);
    },
    end: async () => {
      event(JSON.stringify({ choices: [{ text: "", finish_reason: "stop" }] }));
      event("[DONE]");
      await vi.advanceTimersByTimeAsync(0);
    },
    fail: async () => {
      way?.error(new TypeError("network error"));
      await vi.advanceTimersByTimeAsync(0);
    },
  };
}

const leave = (): boolean => page.dispatchEvent(new Event("pagehide"));

it("a tab that only looked overwrites nothing", async () => {
  const writing = await tab();
  writing.write("first");
  leave();
  await tab();
  writing.write("first, and more");
  leave();
  expect(kept().sheet.page.text).toBe("first, and more");
});

it("a tab comes back to its own text, a new one begins with the newest", async () => {
  const one = await tab();
  one.write("mine");
  leave();
  localStorage.setItem(
    PLAYGROUND_KEY,
    JSON.stringify({ sheet: { page: { ...EMPTY.page, text: "theirs" } } }),
  );
  (await tab()).set({ temperature: 1 });
  leave();
  expect(kept(sessionStorage).sheet.page.text).toBe("mine");
  vi.stubGlobal("sessionStorage", new Store());
  localStorage.setItem(
    PLAYGROUND_KEY,
    JSON.stringify({ sheet: { page: { ...EMPTY.page, text: "theirs" } } }),
  );
  (await tab()).set({ temperature: 1.5 });
  leave();
  expect(kept(sessionStorage)).toMatchObject({ sheet: { page: { text: "theirs" } } });
});

it("what comes in quick succession is taken in at once", async () => {
  const { say, end, session } = engine();
  const desk = await tab();
  const { continued } = await import("@/core/sheet");
  desk.write("sea:");
  const run = desk.generate(session, "m");
  for (const text of [" ", "w", "a", "t", "e", "r"]) await say(text); // oxlint-disable-line no-await-in-loop -- in order
  await end();
  await run;
  expect(vi.mocked(continued).mock.calls.map(([, text]) => text)).toEqual([" ", "water"]);
});

it("nothing is saved while a model writes, and all of it when it is done", async () => {
  const { say, end, session } = engine();
  const desk = await tab();
  desk.write("sea:");
  const run = desk.generate(session, "m");
  await say(" w");
  await vi.advanceTimersByTimeAsync(1_000);
  const saves = vi.mocked(localStorage.setItem).mock.calls.length;
  for (const letter of "ater") await say(letter); // oxlint-disable-line no-await-in-loop -- one after the other
  await vi.advanceTimersByTimeAsync(1_000);
  expect(localStorage.setItem).toHaveBeenCalledTimes(saves);
  await end();
  await run;
  expect(kept().sheet.page.text).toBe("sea: water");
});

it("a page that goes while a model writes keeps what came, and what was there if nothing came", async () => {
  const { say, session } = engine();
  const desk = await tab();
  desk.write("sea:");
  await vi.advanceTimersByTimeAsync(60_000);
  desk.write("sea: air");
  desk.undo();
  void desk.generate(session, "m");
  await vi.advanceTimersByTimeAsync(0);
  desk.show("examples");
  leave();
  expect(kept().sheet.future.map(({ text }) => text)).toEqual(["sea: air"]);
  await say(" half");
  await say(" of it");
  leave();
  expect(kept().sheet.page.text).toMatch(/ half of it$/);
});

it("a generation that fails leaves what can be had again", async () => {
  const { fail, session } = engine();
  const desk = await tab();
  desk.write("sea");
  desk.undo();
  desk.write("sky");
  const run = desk.generate(session, "m");
  await vi.advanceTimersByTimeAsync(0);
  await fail();
  await run;
  expect(kept().sheet).toMatchObject({ page: { text: "sky" }, future: [{ text: "sea" }] });
});

it("typing is undone by what was typed in one go", async () => {
  const desk = await tab();
  for (const text of ["s", "se", "sea"]) desk.write(text);
  await vi.advanceTimersByTimeAsync(60_000);
  for (const text of ["sea ", "sea a", "sea air"]) desk.write(text);
  desk.undo();
  leave();
  expect(kept().sheet.page.text).toBe("sea");
  desk.undo();
  leave();
  expect(kept().sheet.page.text).toBe("");
});

it("a form that an example took the place of can be had back", async () => {
  const desk = await tab();
  // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type -- it is no array
  desk.fill({ task: "Answer." });
  desk.start({ task: "", before: "Q:", after: "A:", examples: [], asked: "Who?" });
  desk.putBack();
  leave();
  expect(kept()).toMatchObject({ form: { task: "Answer." }, view: "text" });
});

it("a text that an example took the place of can be had back with its stop strings", async () => {
  const desk = await tab();
  desk.write("mine");
  desk.set({ stops: ["END"] });
  desk.start("Once upon a time");
  leave();
  expect(kept()).toMatchObject({ sheet: { page: { text: "Once upon a time" } }, settings: { stops: [] } });
  desk.putBack();
  leave();
  expect(kept()).toMatchObject({ sheet: { page: { text: "mine" } }, settings: { stops: ["END"] } });
});

it("a stop string that is typed goes along, and an empty text does not go at all", async () => {
  const { asked, session } = engine();
  const desk = await tab();
  desk.typeStop(String.raw`\nQ:`);
  void desk.generate(session, "m");
  expect(asked).toEqual([]);
  desk.write("Q: Who?");
  void desk.generate(session, "m");
  expect(asked).toMatchObject([{ prompt: "Q: Who?", stop: ["\nQ:"] }]);
});

it("nobody who comes in with another key finds what somebody wrote", async () => {
  const { say, session } = engine();
  const desk = await tab();
  const leftovers = await import("@/shared/leftovers");
  desk.write("secret");
  leave();
  void desk.generate(session, "m");
  await say(" more");
  leftovers.dropLeftovers();
  await vi.advanceTimersByTimeAsync(1_000);
  leave();
  expect([kept(), kept(sessionStorage)]).toEqual([null, null]);
  desk.set({ temperature: 1 });
  leave();
  expect(kept().sheet).toEqual(EMPTY);
});

it("another tab in which somebody comes in with another key drops it here, too", async () => {
  const desk = await tab();
  const { watchKey } = await import("@/shared/leftovers");
  watchKey("maru.key");
  desk.write("secret");
  leave();
  page.dispatchEvent(Object.assign(new Event("storage"), { key: "maru.theme" }));
  expect(kept(sessionStorage).sheet.page.text).toBe("secret");
  page.dispatchEvent(Object.assign(new Event("storage"), { key: "maru.key" }));
  leave();
  expect(kept(sessionStorage)).toBe(null);
});

it("a refused key drops what was left", async () => {
  const { droppingLeftovers } = await import("@/shared/leftovers");
  localStorage.setItem(PLAYGROUND_KEY, "{}");
  const answer = { status: 200 };
  const ask = droppingLeftovers(async () => answer as Response);
  await ask("/v1/models");
  expect(localStorage.getItem(PLAYGROUND_KEY)).toBe("{}");
  answer.status = 401;
  await ask("/v1/models");
  expect(localStorage.getItem(PLAYGROUND_KEY)).toBe(null);
  dropLeftovers();
});
