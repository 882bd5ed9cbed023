/** The answers to one question as columns that stand side by side: which there are, and how each of them is. Pure. */
import { answerFrom } from "./feedback";
import type { FailedAnswer, Run, Thread } from "./tree";

export interface Column {
  /** What React knows it by. */
  readonly key: string;
  readonly model: string;
  /** Everything that the answer consists of; empty before its first word, and for one that left none. */
  readonly ids: readonly string[];
  readonly response: string | null;
  /** The lane it comes on, while it is written. */
  readonly lane: string | null;
  readonly isStopping: boolean;
  /** How it ended without a word. */
  readonly failure: FailedAnswer | null;
}

/** Question whose answers stand side by side, by its row key, and the models in the order of their columns. */
export interface Comparison {
  readonly question: string;
  readonly models: readonly string[];
}

/** Columns below the message `prompt`; those of models that `order` does not name come last, as they were made. */
export function columnsOf(thread: Thread, prompt: string, order: readonly string[] = []): Column[] {
  const runs = Object.values(thread.runs);
  const answers = (thread.nodes[prompt]?.children ?? []).flatMap((first) =>
    answerColumn(thread, first, runs),
  );
  const wordless = runs.filter((run) => run.anchor === prompt && !run.hasOutput).map(waitingColumn);
  const failed = (thread.failures[prompt] ?? []).map(failedColumn);
  const place = (column: Column): number => {
    const index = order.indexOf(column.model);
    return index < 0 ? order.length : index;
  };
  return [...answers, ...wordless, ...failed].toSorted((one, other) => place(one) - place(other));
}

/** Whether there is something to compare. */
export function canCompare(thread: Thread, prompt: string): boolean {
  const answers = thread.nodes[prompt]?.children.filter((id) => thread.nodes[id]?.role === "assistant");
  return (answers?.length ?? 0) > 1;
}

/** Remembers its last result, so that only the column that grows is drawn again. */
export function columnKeeper(): (columns: readonly Column[]) => readonly Column[] {
  let last: readonly Column[] = [];
  return (columns) => {
    const known = new Map(last.map((column) => [column.key, column]));
    const next = columns.map((column) => {
      const before = known.get(column.key);
      return before !== undefined && isSame(before, column) ? before : column;
    });
    const isUnchanged = next.length === last.length && next.every((column, index) => column === last[index]);
    if (!isUnchanged) last = next;
    return last;
  };
}

function answerColumn(thread: Thread, first: string, runs: readonly Run[]): Column[] {
  const nodes = answerFrom(thread, first);
  const node = nodes[0];
  if (node === undefined) return [];
  const run = runs.find(({ responseId }) => responseId !== null && responseId === node.response);
  const info = node.response === null ? undefined : thread.responses[node.response];
  return [
    {
      key: node.key,
      model: run?.model || info?.model || "",
      ids: nodes.map(({ id }) => id),
      response: node.response,
      lane: run?.streamId ?? null,
      isStopping: run?.isStopping ?? false,
      failure: null,
    },
  ];
}

function waitingColumn(run: Run): Column {
  const { key, model, responseId, streamId, isStopping } = run;
  return { key, model, ids: [], response: responseId, lane: streamId, isStopping, failure: null };
}

function failedColumn(failure: FailedAnswer): Column {
  const { key, model, response } = failure;
  return { key, model, ids: [], response, lane: null, isStopping: false, failure };
}

function isSame(one: Column, other: Column): boolean {
  return (
    one.model === other.model &&
    one.response === other.response &&
    one.lane === other.lane &&
    one.isStopping === other.isStopping &&
    one.failure === other.failure &&
    one.ids.length === other.ids.length &&
    one.ids.every((id, index) => id === other.ids[index])
  );
}
