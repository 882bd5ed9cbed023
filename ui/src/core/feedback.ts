/**
 * What a person says about answers: thumbs, the order of several answers, a better answer.
 *
 * Every method that ends in a refusal throws the `ApiError`, with the state as the server has it.
 */
import type { StoreApi } from "zustand/vanilla";

import type { Api } from "./api";
import type { Announcement, ChatState } from "./state";
import { announced } from "./state";
import { without } from "./steps";
import type { Rating, Thread, ThreadFeedback, TreeNode } from "./tree";
import { EMPTY_FEEDBACK } from "./tree";

export class Feedback {
  /** By item: what was said of it last is sent when all before it has arrived, as the last word counts. */
  private readonly sending = new Map<string, Promise<void>>();

  constructor(
    private readonly store: StoreApi<ChatState>,
    private readonly api: Api,
  ) {}

  /** Rate an answer of the open conversation, or take that back (null); shown at once, and undone when refused. */
  async rate(item: string, rating: Rating | null): Promise<void> {
    const key = this.key();
    const before = this.feedback(key).ratings[item] ?? null;
    this.change(key, (feedback) => withRating(feedback, item, rating));
    const sent = (this.sending.get(item) ?? Promise.resolve()).then(() =>
      rating === null ? this.api.removeRating(key, item) : this.api.rate(key, item, rating),
    );
    this.sending.set(
      item,
      sent.catch(() => undefined),
    );
    try {
      await sent;
    } catch (error) {
      const isLast = (this.feedback(key).ratings[item] ?? null) === rating;
      if (isLast) this.change(key, (feedback) => withRating(feedback, item, before));
      throw error;
    }
    this.announce(rating === null ? "unrated" : "rated");
  }

  /** Keep the order of answers to a message, best first, or forget it (null). */
  async rank(prompt: string, places: readonly (readonly string[])[] | null): Promise<void> {
    const key = this.key();
    if (places === null) await this.api.removeRanking(key, prompt);
    else await this.api.rank(key, prompt, places);
    this.change(key, (feedback) => {
      const rankings =
        places === null ? without(feedback.rankings, prompt) : { ...feedback.rankings, [prompt]: places };
      return { ...feedback, rankings };
    });
    this.announce(places === null ? "unranked" : "ranked");
  }

  /** Keep a better answer beside one, or forget it (null). */
  async demonstrate(item: string, text: string | null): Promise<void> {
    const key = this.key();
    if (text === null) await this.api.removeDemonstration(key, item);
    else await this.api.demonstrate(key, item, text);
    this.change(key, (feedback) => {
      const kept = feedback.demonstrations;
      return { ...feedback, demonstrations: text === null ? without(kept, item) : { ...kept, [item]: text } };
    });
    this.announce(text === null ? "undemonstrated" : "demonstrated");
  }

  private key(): string {
    return this.store.getState().open ?? "";
  }

  private feedback(key: string): ThreadFeedback {
    return this.store.getState().threads[key]?.thread.feedback ?? EMPTY_FEEDBACK;
  }

  private announce(kind: Announcement["kind"]): void {
    this.store.setState((state) => announced(state, kind));
  }

  private change(key: string, step: (feedback: ThreadFeedback) => ThreadFeedback): void {
    this.store.setState((state) => {
      const before = state.threads[key];
      if (before === undefined) return state;
      const thread = { ...before.thread, feedback: step(before.thread.feedback) };
      return { threads: { ...state.threads, [key]: { ...before, thread } } };
    });
  }
}

function withRating(feedback: ThreadFeedback, item: string, rating: Rating | null): ThreadFeedback {
  const { ratings } = feedback;
  return { ...feedback, ratings: rating === null ? without(ratings, item) : { ...ratings, [item]: rating } };
}

/** The message that an answer consists of, which is what is rated; undefined while it has none. */
export function ratedNode(nodes: readonly TreeNode[]): TreeNode | undefined {
  return nodes.findLast((node) => node.kind === "message" && node.role === "assistant");
}

/** The message of a person that an item answers. */
export function promptOf(thread: Thread, id: string): string | null {
  let at = thread.nodes[id];
  while (at !== undefined && at.role !== "user")
    at = at.parent === null ? undefined : thread.nodes[at.parent];
  return at?.id ?? null;
}

/** One of several answers to a prompt. */
export interface Answer {
  /** Its message. */
  readonly item: string;
  /** Where it begins, thinking and tools included. */
  readonly first: string;
  readonly response: string | null;
}

/** All answers to a prompt that have words, in the order of making. */
export function answersTo(thread: Thread, prompt: string): Answer[] {
  return (thread.nodes[prompt]?.children ?? []).flatMap((first) => {
    const nodes = answerFrom(thread, first);
    const message = ratedNode(nodes);
    return message === undefined ? [] : [{ item: message.id, first, response: message.response }];
  });
}

/** The answer that begins here, from its first item on. */
export function answerFrom(thread: Thread, first: string): TreeNode[] {
  const nodes: TreeNode[] = [];
  let at = thread.nodes[first];
  while (at !== undefined && at.role === "assistant" && at.response === thread.nodes[first]?.response) {
    nodes.push(at);
    const next: string | undefined = at.children[0];
    at = next === undefined ? undefined : thread.nodes[next];
  }
  return nodes;
}
