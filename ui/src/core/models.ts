/** The list of models, asked for until there is one that can answer; and whether the server lets us in at all. */
import type { StoreApi } from "zustand/vanilla";

import type { Api } from "./api";
import { ApiError } from "./api";
import { Freshness } from "./freshness";
import type { ChatState } from "./state";

/** How often the page asks about a model, by its state. */
const POLL_MS = { loading: 2_000, away: 5_000, failed: 30_000, out: 30_000, ready: 60_000 } as const;
/** The server has noticed by then that an engine does not answer. */
const NOTICED_MS = 15_000;
const RETRY_MS = 5_000;

export interface ModelsDeps {
  readonly store: StoreApi<ChatState>;
  readonly api: Api;
  readonly key: () => string | null;
  /** The server refuses us, and is not asked again and again. */
  readonly onShutOut: () => void;
}

export class Models {
  private timer: ReturnType<typeof setTimeout> | undefined = undefined;
  private readonly fresh = new Freshness();

  constructor(private readonly deps: ModelsDeps) {}

  async load(): Promise<void> {
    clearTimeout(this.timer);
    const { api, store } = this.deps;
    try {
      const models = await this.fresh.newest(() => api.models());
      if (models === null) return;
      store.setState({ models, modelsState: "ready" });
      const waits = models.map(({ "maru:state": state = "ready" }) => POLL_MS[state]);
      this.loadIn(Math.min(...waits, POLL_MS.ready));
    } catch (error) {
      if (this.isShutOut(error)) return;
      store.setState((state) => ({ modelsState: state.models.length > 0 ? "ready" : "failed" }));
      this.loadIn(RETRY_MS);
    }
  }

  /** There is another key: what was said to the one before counts no more. */
  comeIn(): void {
    this.fresh.changed();
    void this.load();
  }

  /** An answer failed: its engine may be gone. */
  doubt(): void {
    this.loadIn(NOTICED_MS);
  }

  private loadIn(wait: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.load(), wait);
  }

  /** The page says what the server wants. */
  private isShutOut(error: unknown): boolean {
    if (!(error instanceof ApiError) || (error.status !== 401 && error.status !== 403)) return false;
    this.deps.onShutOut();
    const wasWrong = this.deps.key() !== null;
    this.deps.store.setState({
      access:
        error.status === 401 ? { kind: "needsKey", wasWrong } : { kind: "refused", message: error.message },
    });
    return true;
  }
}
