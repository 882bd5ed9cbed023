/**
 * Answers on their way: asks, follows, stops, and after a lost connection picks up every run where it was.
 *
 * The thread itself changes only through the pure functions of `steps.ts` and `reduce.ts`; this file moves frames.
 */
import type { StoreApi } from "zustand/vanilla";

import type { Api } from "./api";
import { ApiError } from "./api";
import { answerOf, hasArrived, withNames } from "./arrived";
import type { Said } from "./attachments";
import { Batch } from "./batch";
import type { Ending } from "./endings";
import { endingIn, endingOf } from "./endings";
import { createFrame, isTemporary } from "./frames";
import { Lanes } from "./lanes";
import type { Arrival } from "./reduce";
import { reduce } from "./reduce";
import type { Socket } from "./socket";
import type { Announcement, ChatState } from "./state";
import { announced, chatSettings, rekeyed } from "./state";
import type { NewMessage, NewRun } from "./steps";
import { endedEmpty, followed, loaded, sent, stopping, withRun } from "./steps";
import type { Run, Thread, Unanswered } from "./tree";
import { EMPTY_THREAD, pathTo } from "./tree";
import type { ClientFrame, ServerFrame, WireTree } from "./wire";

/** A server that pings but sends no frame of a running answer for this long has probably lost us. */
const SILENCE_MS = 30_000;
const SILENCE_CHECK_MS = 10_000;

export interface RunsDeps {
  readonly store: StoreApi<ChatState>;
  readonly api: Api;
  readonly socket: () => Socket;
  /** Page time in ms. */
  readonly now: () => number;
  readonly newId: () => string;
  /** The server took a question and named it. */
  readonly onTaken: () => void;
  /** A run of this thread ended. */
  readonly onEnd: (key: string, how: Ending) => void;
  /** A run of this thread ended before the server took it. */
  readonly onUnanswered: (key: string) => void;
  /** A conversation that this page began got its id. */
  readonly onNamed: (from: string, id: string) => void;
}

export class Runs {
  private readonly lanes = new Lanes();
  private readonly batch: Batch<Arrival>;
  /** Which thread a lane belongs to. */
  private readonly threadOf = new Map<string, string>();
  /** Lanes whose create was handed to a connection, and which time that was. */
  private readonly handedOver = new Map<string, symbol>();
  private heardAt = 0;

  constructor(private readonly deps: RunsDeps) {
    this.batch = new Batch((arrivals) => this.deliver(arrivals), deps.now);
  }

  /** Put the question on the page and send it to each model; `conversation` resolves to the id to send it to. */
  async ask(ask: {
    key: string;
    parent: string | null;
    said: Said | null;
    models: readonly string[];
    conversation: Promise<string>;
  }): Promise<void> {
    const message: NewMessage | null =
      ask.said === null ? null : { ...ask.said, id: `${LOCAL}${this.deps.newId()}` };
    const lanes = ask.models.map((model, index) => {
      const streamId = this.begin(ask.key);
      // The first one brings the question; the answers of the others stand below it.
      const brought = index === 0 ? message : null;
      const parent = index === 0 || message === null ? ask.parent : message.id;
      this.change(ask.key, (thread) => sent(thread, { ...this.newRun(streamId, model), parent }, brought));
      return streamId;
    });
    try {
      const id = await ask.conversation;
      if (id !== ask.key) {
        this.rekey(ask.key, id);
        this.deps.onNamed(ask.key, id);
      }
      for (const streamId of lanes) this.transmit(streamId);
    } catch (error) {
      const why = error instanceof ApiError ? error : new ApiError(0, null, String(error));
      for (const streamId of lanes) this.abandon(streamId, why);
    }
  }

  /** Watch a run that was found on the server. */
  follow(key: string, responseId: string, answers: string | null = null): void {
    const thread = this.thread(key);
    if (Object.values(thread.runs).some((run) => run.responseId === responseId)) return;
    const streamId = this.begin(key);
    const model = thread.responses[responseId]?.model ?? "";
    // An answer stands below a question, also while the head still is the answer that it will stand beside.
    const question = pathTo(thread, thread.head).findLast((id) => thread.nodes[id]?.role === "user");
    const run = { ...this.newRun(streamId, model), parent: answers ?? question ?? thread.head };
    this.change(key, (before) => followed(before, run, responseId));
    this.resume(streamId);
  }

  stop(key: string): void {
    for (const { streamId } of Object.values(this.thread(key).runs)) this.end(key, streamId);
  }

  /** One of several that run. */
  stopOne(key: string, streamId: string): void {
    this.end(key, streamId);
    this.sendWaiting(key);
  }

  private end(key: string, streamId: string): void {
    const run = this.thread(key).runs[streamId];
    if (run === undefined) return;
    this.change(key, (thread) => stopping(thread, streamId));
    if (run.responseId !== null) this.cancel(run.responseId);
    else if (!this.handedOver.has(streamId)) this.endNow(streamId);
  }

  /** Answers to a question that the server does not know yet go when it does; or one brings it, if no other will. */
  private sendWaiting(key: string): void {
    for (const { streamId, anchor } of Object.values(this.thread(key).runs)) {
      const { runs } = this.thread(key);
      const run = runs[streamId];
      if (run === undefined || run.responseId !== null || run.isStopping) continue;
      if (this.handedOver.has(streamId)) continue;
      const isBrought = Object.values(runs).some(({ inputs }) => anchor !== null && inputs.includes(anchor));
      if (isWaiting(run) && !isBrought && anchor !== null) {
        this.change(key, (thread) => withRun(thread, streamId, { inputs: [anchor] }));
      }
      this.transmit(streamId);
    }
  }

  /** The conversation is gone; what still arrives for it is not wanted. */
  drop(key: string): void {
    for (const [streamId, of] of this.threadOf) if (of === key) this.forget(streamId);
  }

  /** Every frame of the socket comes through here. */
  take(frame: ServerFrame): void {
    this.heardAt = this.deps.now();
    if (frame.stream_id === undefined || !this.threadOf.has(frame.stream_id)) return;
    const isDelta = frame.type.endsWith(".delta");
    this.batch.push({ streamId: frame.stream_id, frame, at: this.heardAt }, !isDelta);
  }

  /** A connection was opened: pick up whatever is unfinished. */
  resumeAll(): void {
    this.heardAt = this.deps.now();
    for (const streamId of this.threadOf.keys()) this.resume(streamId);
  }

  watchSilence(): void {
    setInterval(() => this.checkSilence(), SILENCE_CHECK_MS);
  }

  /** Called now and then: a silent connection is replaced, and then everything is resumed. */
  checkSilence(): void {
    if (this.threadOf.size === 0 || !this.deps.socket().isOpen) return;
    if (this.deps.now() - this.heardAt > SILENCE_MS) this.deps.socket().reopen();
  }

  private begin(key: string): string {
    const streamId = this.lanes.take();
    this.threadOf.set(streamId, key);
    return streamId;
  }

  private newRun(streamId: string, model: string): Omit<NewRun, "parent"> {
    return { streamId, key: `run_${this.deps.newId()}`, model, at: this.deps.now() };
  }

  private resume(streamId: string): void {
    const run = this.run(streamId);
    if (run === undefined) return;
    if (run.responseId !== null) {
      this.send({
        type: "maru:response.follow",
        stream_id: streamId,
        response_id: run.responseId,
        ...(run.lastSeq >= 0 ? { starting_after: run.lastSeq } : {}),
      });
      if (run.isStopping) this.cancel(run.responseId);
    } else if (this.handedOver.has(streamId)) {
      void this.reconcile(streamId);
    } else {
      this.transmit(streamId);
    }
  }

  /** Nothing is sent before the conversation has its id, nor while there is no connection; both call again. */
  private transmit(streamId: string): void {
    const key = this.threadOf.get(streamId);
    const run = this.run(streamId);
    if (key === undefined || run === undefined) return;
    if ((key.startsWith(LOCAL) && !isTemporary(key)) || isWaiting(run)) return;
    const wasSent = this.send(
      createFrame(key, this.thread(key), run, chatSettings(this.deps.store.getState(), key)),
    );
    if (wasSent) this.handedOver.set(streamId, Symbol(streamId));
  }

  /** The connection broke after the question left and before the server named the answer: did it arrive? */
  private async reconcile(streamId: string): Promise<void> {
    const key = this.threadOf.get(streamId);
    const run = this.run(streamId);
    if (key === undefined || run === undefined) return;
    if (isTemporary(key)) {
      // Nobody can tell; asked twice is better than not answered.
      this.againOrNever(run);
      return;
    }
    const handed = this.handedOver.get(streamId);
    const { runs } = this.thread(key);
    let tree: WireTree;
    try {
      tree = await this.deps.api.tree(key);
    } catch {
      return; // The next opening of the connection asks again.
    }
    const now = this.run(streamId);
    // After another break, it may have been sent again since.
    if (now === undefined || now.responseId !== null || this.handedOver.get(streamId) !== handed) return;
    // The tree need not know what was asked since.
    if (Object.keys(this.thread(key).runs).some((lane) => !(lane in runs))) void this.reconcile(streamId);
    else if (hasArrived(this.thread(key), now, tree)) this.adopt(key, tree);
    else this.againOrNever(now);
  }

  /** It did not arrive; nobody wants it any more when it was stopped meanwhile. */
  private againOrNever({ streamId, isStopping }: Run): void {
    this.handedOver.delete(streamId);
    if (isStopping) this.endNow(streamId);
    else this.transmit(streamId);
  }

  /** Take the server's tree for ours and watch what runs in it. */
  adopt(key: string, tree: WireTree): void {
    const before = withNames(this.thread(key), tree);
    const runs = Object.values(before.runs);
    // Beside an answer that arrived, another one to the same question may not have.
    const lost = runs.filter(
      (run) => run.responseId === null && run.inputs.length === 0 && !hasArrived(before, run, tree),
    );
    const found = runs.filter((run) => !lost.includes(run));
    for (const run of found) this.forget(run.streamId);
    const kept = Object.fromEntries(lost.map((run) => [run.streamId, run]));
    this.change(key, () => ({ ...loaded(before, tree), runs: kept }));
    for (const responseId of tree.running) {
      this.follow(key, responseId, tree.responses[responseId]?.["maru:answers"] ?? null);
    }
    this.sendWaiting(key);
    for (const run of found) this.pickedUp(key, run, answerOf(before, run, tree), tree);
  }

  /** Somebody may have stopped the run before it was found again, or it has ended meanwhile. */
  private pickedUp(key: string, run: Run, response: string | null, tree: WireTree): void {
    if (response === null || !tree.running.includes(response)) {
      this.ended(key, endingIn(tree.responses[response ?? ""]?.status));
      return;
    }
    const lane = Object.values(this.thread(key).runs).find(({ responseId }) => responseId === response);
    if (run.isStopping && lane !== undefined) this.end(key, lane.streamId);
  }

  private ended(key: string, how: Ending): void {
    this.announce(key, how);
    this.deps.onEnd(key, how);
  }

  private deliver(arrivals: readonly Arrival[]): void {
    const before = this.deps.store.getState().threads;
    const touched = new Map<string, Thread>();
    for (const arrival of arrivals) {
      const key = this.threadOf.get(arrival.streamId);
      if (key !== undefined) touched.set(key, reduce(touched.get(key) ?? this.thread(key), arrival));
    }
    const threads = { ...before };
    for (const [key, thread] of touched) {
      const state = before[key]?.state ?? "ready";
      threads[key] = { state, thread };
    }
    this.deps.store.setState({ threads });
    for (const arrival of arrivals) this.after(arrival, before);
  }

  /** What a frame asks of the world, once the thread has taken it in. */
  private after(arrival: Arrival, before: ChatState["threads"]): void {
    const { streamId, frame } = arrival;
    const key = this.threadOf.get(streamId);
    if (key === undefined) return;
    if (frame.type === "response.created") {
      if (this.run(streamId)?.isStopping) this.cancel(frame.response.id);
      this.sendWaiting(key);
      this.deps.onTaken();
    }
    if (frame.type === "response.output_item.added") this.announce(key, "started");
    if (this.run(streamId) !== undefined) return;
    const run = before[key]?.thread.runs[streamId];
    this.forget(streamId);
    if (frame.type !== "error") this.lanes.giveBack(streamId);
    this.sendWaiting(key);
    // The server no longer has the frames of this run; its tree has the words.
    if (frame.type === "error" && run !== undefined && run.responseId !== null && !isTemporary(key))
      void this.reload(key, run, run.responseId);
    else this.ended(key, endingOf(frame));
  }

  private async reload(key: string, run: Run, response: string): Promise<void> {
    const before = this.thread(key);
    let tree: WireTree;
    try {
      tree = await this.deps.api.tree(key);
    } catch {
      // What is on the page stays; opening the conversation again tries again.
      this.ended(key, "failed");
      return;
    }
    // The tree need not know what was asked since; it would take that off the page.
    const now = this.thread(key);
    const isSafe = Object.keys(now.runs).every(
      (streamId) => before.runs[streamId]?.key === now.runs[streamId]?.key,
    );
    if (isSafe && Object.keys(now.responses).some((id) => before.responses[id] === undefined))
      return await this.reload(key, run, response);
    if (isSafe) this.adopt(key, tree);
    this.pickedUp(key, run, response, tree);
  }

  private abandon(streamId: string, { code, message }: ApiError): void {
    this.giveUp(streamId, { status: "failed", error: { code, message } }, "failed");
  }

  private endNow(streamId: string): void {
    this.giveUp(streamId, { status: "cancelled", error: null }, "stopped");
  }

  /** The server never took it. */
  private giveUp(streamId: string, how: Unanswered, ending: Ending): void {
    const key = this.threadOf.get(streamId);
    if (key === undefined) return;
    this.change(key, (thread) => endedEmpty(thread, streamId, how));
    this.forget(streamId);
    this.lanes.giveBack(streamId);
    this.announce(key, ending);
    this.deps.onUnanswered(key);
  }

  private forget(streamId: string): void {
    this.threadOf.delete(streamId);
    this.handedOver.delete(streamId);
  }

  private rekey(from: string, to: string): void {
    for (const [streamId, key] of this.threadOf) if (key === from) this.threadOf.set(streamId, to);
    this.deps.store.setState((state) => rekeyed(state, from, to));
  }

  private announce(key: string, kind: Announcement["kind"]): void {
    this.deps.store.setState((state) => (state.open === key ? announced(state, kind) : state));
  }

  private cancel(responseId: string): void {
    this.send({ type: "response.cancel", response_id: responseId });
  }

  private send(frame: ClientFrame): boolean {
    return this.deps.socket().send(frame);
  }

  private thread(key: string): Thread {
    return this.deps.store.getState().threads[key]?.thread ?? EMPTY_THREAD;
  }

  private run(streamId: string): Run | undefined {
    const key = this.threadOf.get(streamId);
    return key === undefined ? undefined : this.thread(key).runs[streamId];
  }

  private change(key: string, step: (thread: Thread) => Thread): void {
    this.deps.store.setState((state) => {
      const before = state.threads[key];
      const thread = step(before?.thread ?? EMPTY_THREAD);
      return { threads: { ...state.threads, [key]: { state: before?.state ?? "ready", thread } } };
    });
  }
}

/** Ids that this page made up; the server has never heard of them. */
export const LOCAL = "local_";

/** An answer to a question that another run brings, which the server has not named yet. */
function isWaiting(run: Run): boolean {
  return run.inputs.length === 0 && run.responseId === null && run.anchor?.startsWith(LOCAL) === true;
}
