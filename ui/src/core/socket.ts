/**
 * The one socket of this tab: opens, reopens after a loss, and hands frames on. It knows no conversation.
 *
 * What was in flight when a connection broke is the session's business: after every opening `onOpen` is called, and
 * there it follows what was unfinished.
 */
import type { ClientFrame, ServerFrame } from "./wire";
import { readFrame } from "./wire";

export type Connection = "connecting" | "open" | "lost";

const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 15_000;
const JITTER = 0.3;

export interface SocketEvents {
  onFrame(frame: ServerFrame): void;
  onOpen(): void;
  onConnection(connection: Connection): void;
}

export class Socket {
  private socket: WebSocket | null = null;
  private retry: ReturnType<typeof setTimeout> | null = null;
  private failures = 0;
  private isStarted = false;

  constructor(
    private readonly open: () => WebSocket,
    private readonly events: SocketEvents,
  ) {}

  /** May be called again; it changes nothing while a connection stands or is being made. */
  connect(): void {
    this.isStarted = true;
    if (this.socket !== null) return;
    if (this.retry !== null) clearTimeout(this.retry);
    this.retry = null;
    this.events.onConnection(this.failures === 0 ? "connecting" : "lost");
    const socket = this.open();
    this.socket = socket;
    socket.addEventListener("open", () => {
      if (this.socket !== socket) return;
      this.failures = 0;
      this.events.onConnection("open");
      this.events.onOpen();
    });
    socket.addEventListener("message", (event) => {
      if (this.socket !== socket || typeof event.data !== "string") return;
      const frame = readFrame(event.data);
      if (frame !== null) this.events.onFrame(frame);
    });
    socket.addEventListener("close", () => {
      if (this.socket === socket) this.lost();
    });
  }

  get isOpen(): boolean {
    return this.socket?.readyState === 1;
  }

  /** Whether the frame was handed to an open connection. */
  send(frame: ClientFrame): boolean {
    if (!this.isOpen) return false;
    this.socket?.send(JSON.stringify(frame));
    return true;
  }

  /** Something tells that a try may succeed now: the network is back, the tab is looked at again. */
  hurry(): void {
    if (this.isStarted && this.socket === null) this.connect();
  }

  /** Give up a connection that says nothing, and make a new one. */
  reopen(): void {
    const silent = this.socket;
    this.socket = null;
    silent?.close();
    this.connect();
  }

  /** Stay closed until `connect` is called. */
  pause(): void {
    this.isStarted = false;
    if (this.retry !== null) clearTimeout(this.retry);
    this.retry = null;
    const open = this.socket;
    this.socket = null;
    open?.close();
  }

  private lost(): void {
    this.socket = null;
    this.failures += 1;
    this.events.onConnection("lost");
    this.retry = setTimeout(() => this.connect(), waitBefore(this.failures, Math.random()));
  }
}

/** How long to wait before the n-th try, in ms; `chance` in 0..1 spreads many tabs over time. */
export function waitBefore(failures: number, chance: number): number {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
  return wait * (1 - JITTER + 2 * JITTER * chance);
}
