/**
 * Files on their way into a message: looked at, made smaller, sent to the server; kept per conversation until the message
 * goes.
 *
 * What cannot be attached is told before anything is sent. What the network lost is sent again once it is back.
 */
import { createStore } from "zustand/vanilla";

import type { Api } from "./api";
import { ApiError } from "./api";
import type { Attachment, AttachmentKind } from "./attachments";
import { isAttachment, MOST_ATTACHMENTS } from "./attachments";
import { OF_NEW_CHAT } from "./chat-settings";
import { isTemporary } from "./frames";
import { without } from "./steps";
import type { WireFile } from "./wire";

/** A file on its way. */
export interface Draft {
  /** Ours. */
  readonly id: string;
  readonly kind: AttachmentKind;
  readonly name: string;
  /** As it is sent; null: not known. */
  readonly bytes: number | null;
  readonly state: "preparing" | "sending" | "ready" | "failed";
  /** Of what is sent, 0 to 1. */
  readonly share: number;
  /** Null where only the server has it, after a reload. */
  readonly content: Blob | null;
  /** What the server calls it; null until it has it. */
  readonly file: string | null;
  readonly error: unknown;
}

/** Why a file cannot be attached. */
export type RefusalReason = "blind" | "sort" | "image" | "tooLarge" | "tooMany" | "empty";

export interface Refusal {
  readonly name: string;
  readonly reason: RefusalReason;
  /** Bytes of the largest that is taken; 0 where that is not the reason. */
  readonly most: number;
}

export type Prepared =
  | { readonly kind: AttachmentKind; readonly name: string; readonly content: Blob }
  | { readonly refused: RefusalReason; readonly most: number };

export interface AttachingState {
  /** By thread key; a conversation without any is absent. */
  readonly drafts: Readonly<Record<string, readonly Draft[]>>;
  /** What was not taken at the last try, by thread key. */
  readonly refused: Readonly<Record<string, readonly Refusal[]>>;
}

/** How the browser sends a file; rejects with an `ApiError`. `signal` takes it back. */
export type SendFile = (
  file: { readonly content: Blob; readonly name: string; readonly purpose: "vision" | "user_data" },
  hears: { sent(share: number): void },
  signal: AbortSignal,
) => Promise<WireFile>;

export interface AttachingDeps {
  readonly api: Api;
  readonly sendFile: SendFile;
  /** Look at a file and make of it what is sent. */
  readonly prepare: (file: File) => Promise<Prepared>;
  readonly newId: () => string;
  /** Whether the model that the next message goes to may be shown images. */
  readonly mightSee: (key: string | null) => boolean;
  readonly announce: (kind: "attached" | "unattached") => void;
  readonly recall: () => string | null;
  readonly remember: (text: string) => void;
}

const NONE: readonly Draft[] = [];

export class Attaching {
  readonly store = createStore<AttachingState>(() => ({ drafts: {}, refused: {} }));
  private readonly sendings = new Map<string, AbortController>();
  /** One at a time: photos of a camera are large when they are unpacked. */
  private preparing: Promise<void> = Promise.resolve();
  /** What could not be looked at, because the part of the page that does it did not come. */
  private readonly unseen = new Map<string, File>();

  constructor(private readonly deps: AttachingDeps) {
    this.store.setState({ drafts: readDrafts(deps.recall(), deps.newId) });
  }

  of(key: string | null): readonly Draft[] {
    return this.store.getState().drafts[key ?? OF_NEW_CHAT] ?? NONE;
  }

  /** Take files into the message that is being written in this conversation; resolves when each is taken or refused. */
  async add(key: string | null, files: readonly File[]): Promise<void> {
    const place = key ?? OF_NEW_CHAT;
    this.refuse(place, []);
    const refused: Refusal[] = [];
    for (const file of files) {
      const reason = this.reasonAgainst(key, file);
      if (reason === null) this.preparing = this.begin(place, file);
      else refused.push({ name: file.name, reason, most: 0 });
    }
    this.refuse(place, [...this.refusedIn(place), ...refused]);
    await this.preparing;
  }

  /** Take it back, also from the server. */
  remove(key: string | null, id: string): void {
    this.forget(this.takeBack(key, id));
    this.deps.announce("unattached");
  }

  /** Send once more what did not arrive. */
  retry(id: string): void {
    const draft = this.find(id)?.draft;
    if (draft?.state !== "failed") return;
    const file = this.unseen.get(id);
    if (file !== undefined) {
      this.change(id, { state: "preparing", error: null });
      this.preparing = this.preparing.then(() => this.prepare(id, file));
    } else if (draft.content !== null) void this.send(id);
  }

  /** The network is back. */
  retryLost(): void {
    for (const { state, error, id } of Object.values(this.store.getState().drafts).flat()) {
      if (state === "failed" && error instanceof ApiError && error.status === 0) this.retry(id);
    }
  }

  /** Some of it is still on its way. */
  isBusy(key: string | null): boolean {
    return this.of(key).some(({ state }) => state === "preparing" || state === "sending");
  }

  /** What goes with the next message; null while some of it is not there yet, or did not arrive. */
  ready(key: string | null): readonly Attachment[] | null {
    const drafts = this.of(key);
    const attachments = drafts.flatMap(({ file, kind, name }) =>
      file === null ? [] : [{ id: file, kind, name }],
    );
    return attachments.length === drafts.length ? attachments : null;
  }

  /** They went. */
  clear(key: string | null): void {
    this.set(key ?? OF_NEW_CHAT, NONE);
    this.refuse(key ?? OF_NEW_CHAT, []);
  }

  /** The person read what was not taken. */
  forgetRefused(key: string | null): void {
    this.refuse(key ?? OF_NEW_CHAT, []);
  }

  /** The server named the conversation. */
  rekey(from: string, to: string): void {
    const moved = this.of(from);
    this.set(from, NONE);
    if (moved.length > 0) this.set(to, [...this.of(to), ...moved]);
    this.refuse(to, [...this.refusedIn(to), ...this.refusedIn(from)]);
    this.refuse(from, []);
  }

  /** The conversation is gone, and what was to be said in it; `others` are files that go with it. */
  drop(key: string, others: readonly string[] = []): void {
    this.forget([...others, ...this.of(key).flatMap(({ id }) => this.takeBack(key, id))]);
  }

  /** Another tab has them, and what it does with them is its own. */
  leaveToTwin(): void {
    this.store.setState({ drafts: {}, refused: {} });
    this.deps.remember("");
  }

  /** The server need not keep these any more. */
  private forget(files: readonly string[]): void {
    if (files.length > 0) this.deps.api.deleteFiles(files).catch(() => undefined);
  }

  /** What the server has of it. */
  private takeBack(key: string | null, id: string): readonly string[] {
    const draft = this.of(key).find((one) => one.id === id);
    this.sendings.get(id)?.abort();
    this.sendings.delete(id);
    this.unseen.delete(id);
    this.set(
      key ?? OF_NEW_CHAT,
      this.of(key).filter((one) => one.id !== id),
    );
    return draft === undefined || draft.file === null ? [] : [draft.file];
  }

  private reasonAgainst(key: string | null, file: File): RefusalReason | null {
    if (this.of(key).length >= MOST_ATTACHMENTS) return "tooMany";
    if (file.size === 0) return "empty";
    return kindOf(file) === "image" && !this.deps.mightSee(key) ? "blind" : null;
  }

  /** It stands in the list at once, and goes when it was looked at. */
  private begin(place: string, file: File): Promise<void> {
    const id = this.deps.newId();
    const draft: Draft = {
      id,
      kind: kindOf(file),
      name: file.name,
      bytes: null,
      state: "preparing",
      share: 0,
      content: null,
      file: null,
      error: null,
    };
    this.set(place, [...this.of(place), draft]);
    return this.preparing.then(() => this.prepare(id, file));
  }

  private async prepare(id: string, file: File): Promise<void> {
    if (this.find(id) === null) return;
    this.unseen.delete(id);
    let prepared: Prepared;
    try {
      prepared = await this.deps.prepare(file);
    } catch (error) {
      // As good as a lost network, and it must not keep the files behind it.
      this.unseen.set(id, file);
      this.change(id, { state: "failed", error: new ApiError(0, null, String(error)) });
      return;
    }
    const found = this.find(id);
    if (found === null) return;
    if ("refused" in prepared) {
      const { refused, most } = prepared;
      this.set(
        found.place,
        this.of(found.place).filter((one) => one.id !== id),
      );
      const before = this.store.getState().refused[found.place] ?? [];
      this.refuse(found.place, [...before, { name: file.name, reason: refused, most }]);
      return;
    }
    const { kind, name, content } = prepared;
    this.change(id, { kind, name, content, bytes: content.size });
    void this.send(id);
  }

  private async send(id: string): Promise<void> {
    const draft = this.find(id)?.draft;
    if (draft === undefined || draft.content === null) return;
    const sending = new AbortController();
    this.sendings.set(id, sending);
    this.change(id, { state: "sending", share: 0, error: null });
    const { content, name } = draft;
    const purpose = draft.kind === "image" ? "vision" : "user_data";
    try {
      const file = await this.deps.sendFile(
        { content, name, purpose },
        { sent: (share) => this.change(id, { share }) },
        sending.signal,
      );
      if (this.find(id) === null) {
        this.forget([file.id]);
        return;
      }
      this.change(id, { state: "ready", share: 1, file: file.id });
      this.deps.announce("attached");
    } catch (error) {
      this.change(id, { state: "failed", error });
    } finally {
      if (this.sendings.get(id) === sending) this.sendings.delete(id);
    }
  }

  private find(id: string): { readonly place: string; readonly draft: Draft } | null {
    for (const [place, drafts] of Object.entries(this.store.getState().drafts)) {
      const draft = drafts.find((one) => one.id === id);
      if (draft !== undefined) return { place, draft };
    }
    return null;
  }

  private change(id: string, change: Partial<Draft>): void {
    const found = this.find(id);
    if (found === null) return;
    const drafts = this.of(found.place);
    const changed = { ...found.draft, ...change };
    this.set(found.place, drafts.with(drafts.indexOf(found.draft), changed));
  }

  private refusedIn(place: string): readonly Refusal[] {
    return this.store.getState().refused[place] ?? [];
  }

  private refuse(place: string, refusals: readonly Refusal[]): void {
    this.store.setState(({ refused }) => ({
      refused: refusals.length === 0 ? without(refused, place) : { ...refused, [place]: refusals },
    }));
  }

  private set(place: string, drafts: readonly Draft[]): void {
    this.store.setState((state) => ({
      drafts: drafts.length === 0 ? without(state.drafts, place) : { ...state.drafts, [place]: drafts },
    }));
    this.deps.remember(writeDrafts(this.store.getState().drafts));
  }
}

/** What a file says that it is; what it is, is looked at later. A drawing of lines is text, and is never drawn. */
export function kindOf({ type }: File): AttachmentKind {
  return type.startsWith("image/") && !type.startsWith("image/svg") ? "image" : "file";
}

/** What the server has of them; the rest goes with the page. */
function writeDrafts(drafts: AttachingState["drafts"]): string {
  const kept = Object.entries(drafts).flatMap(([key, list]) => {
    const ready = list.flatMap(({ file, kind, name, bytes }) =>
      file === null ? [] : [{ id: file, kind, name, bytes }],
    );
    return ready.length === 0 || isTemporary(key) ? [] : [[key, ready] as const];
  });
  return kept.length === 0 ? "" : JSON.stringify(Object.fromEntries(kept));
}

/** What an earlier page of this tab left; nothing when it cannot be read. */
function readDrafts(text: string | null, newId: () => string): AttachingState["drafts"] {
  if (text === null) return {};
  try {
    return Object.fromEntries(
      Object.entries(JSON.parse(text) as object).flatMap(([key, list]) => {
        if (!Array.isArray(list)) return [];
        const drafts = list
          .filter(isAttachment)
          .map(({ id, kind, name, bytes }: Attachment & { bytes?: unknown }): Draft => ({
            id: newId(),
            kind,
            name,
            bytes: typeof bytes === "number" ? bytes : null,
            state: "ready",
            share: 1,
            content: null,
            file: id,
            error: null,
          }));
        return drafts.length === 0 ? [] : [[key, drafts] as const];
      }),
    );
  } catch {
    return {};
  }
}
