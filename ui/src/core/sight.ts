/**
 * Where the model's memory begins on the open branch: what it sees no more, and the summary that stands for that.
 *
 * Told by the newest answer, whose response says what its model was shown. Pins are taken as they are now, so that a pin
 * shows its effect before the next answer.
 */
import type { ResponseInfo, Summary, Thread } from "./tree";
import { pathTo } from "./tree";
import type { WireContext } from "./wire";

export interface Sight {
  /** Id of the item before which the line stands: the model saw everything from here on. Null: it sees everything. */
  readonly from: string | null;
  /** Items before the line that it sees no more. */
  readonly unseen: ReadonlySet<string>;
  /** The summary that stands for most of them. */
  readonly summary: Summary | null;
  /** The newest answer was written with this summary. */
  readonly isSummaryShown: boolean;
}

export const SEES_ALL: Sight = { from: null, unseen: new Set(), summary: null, isSummaryShown: false };

export function sightOf(thread: Thread): Sight {
  const path = pathTo(thread, thread.head);
  const newest = newestAnswer(thread, path);
  if (newest === null) return SEES_ALL;
  const { context } = newest;
  const cut = path.indexOf(context.first_item ?? inputOf(thread, path, newest.at));
  if (cut < 0) return SEES_ALL;
  const before = path.slice(0, cut);
  // What a compaction item stands for is not shown again, pinned or not.
  const unpinnable = context.compaction ? before.indexOf(context.compaction) + 1 : 0;
  const unseen = unseenOf(thread, before, unpinnable);
  const from = path.slice(cut).find((id) => isMessage(thread, id));
  if (unseen.size === 0 || from === undefined) return SEES_ALL;
  const summary = newestSummary(before, thread.summaries);
  return { from, unseen, summary, isSummaryShown: summary !== null && summary.id === context.summary };
}

/** Gives the sight that it gave last while that is the same, so that a growing answer re-renders no list. */
export function sightKeeper(): (thread: Thread) => Sight {
  let last = SEES_ALL;
  return (thread) => {
    const next = sightOf(thread);
    if (!isSame(last, next)) last = next;
    return last;
  };
}

export interface NewestAnswer {
  /** Place of its last item on the path. */
  readonly at: number;
  readonly response: string;
  readonly info: ResponseInfo;
  readonly context: WireContext;
}

/** The newest answer on the path of which the server told what its model was shown. */
export function newestAnswer(thread: Thread, path: readonly string[]): NewestAnswer | null {
  for (let at = path.length - 1; at >= 0; at -= 1) {
    const response = responseOf(thread, path[at]);
    const info = response ? thread.responses[response] : undefined;
    if (response && info?.context) return { at, response, info, context: info.context };
  }
  return null;
}

/** The first message of the question at or above `at`: programs may send several at once. */
function inputOf(thread: Thread, path: readonly string[], at: number): string {
  const last = path.slice(0, at + 1).findLastIndex((id) => isFromPerson(thread, id));
  const response = responseOf(thread, path[last]);
  if (response === null) return path[last] ?? "";
  const isInput = (id: string): boolean => isFromPerson(thread, id) && responseOf(thread, id) === response;
  const other = path.slice(0, last).findLastIndex((id) => !isInput(id));
  return path[other + 1] ?? "";
}

function responseOf(thread: Thread, id: string | undefined): string | null {
  return (id === undefined ? undefined : thread.nodes[id])?.response ?? null;
}

/** A pin keeps the whole turn: a question and what was answered to it. */
function unseenOf(thread: Thread, before: readonly string[], unpinnable: number): ReadonlySet<string> {
  const turns: string[][] = [];
  for (const [index, id] of before.entries()) {
    const last = turns.at(-1);
    if (last === undefined || isFromPerson(thread, id) || index === unpinnable) turns.push([id]);
    else last.push(id);
  }
  const unseen = new Set<string>();
  let passed = 0;
  for (const turn of turns) {
    passed += turn.length;
    const isPinned = passed > unpinnable && turn.some((id) => thread.nodes[id]?.isPinned);
    if (!isPinned) for (const id of turn) if (isMessage(thread, id)) unseen.add(id);
  }
  return unseen;
}

function newestSummary(before: readonly string[], summaries: readonly Summary[]): Summary | null {
  let found: Summary | null = null;
  let place = -1;
  for (const summary of summaries) {
    const at = before.indexOf(summary.lastItem);
    if (at >= 0 && at >= place) [found, place] = [summary, at];
  }
  return found;
}

function isFromPerson(thread: Thread, id: string | undefined): boolean {
  return id !== undefined && thread.nodes[id]?.role === "user";
}

/** What has a row on the page: instructions, for one, have none, and are never left out. */
function isMessage(thread: Thread, id: string): boolean {
  const role = thread.nodes[id]?.role;
  return role === "user" || role === "assistant";
}

function isSame(one: Sight, other: Sight): boolean {
  return (
    one.from === other.from &&
    one.summary === other.summary &&
    one.isSummaryShown === other.isSummaryShown &&
    one.unseen.size === other.unseen.size &&
    [...one.unseen].every((id) => other.unseen.has(id))
  );
}
