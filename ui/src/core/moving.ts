/** Conversations on their way out of this server and into it. Every refusal is an `ApiError`. */
import { createStore } from "zustand/vanilla";

import type { Api } from "./api";
import { ApiError } from "./api";
import type { WireImportRecord, WireImportReport, WireShare } from "./wire";

/** Characters of a title that stand in the name of a file. */
const NAME_CHARS = 80;
/** Records that are shown of those that were not taken in; the sums count all. */
const SHOWN_PROBLEMS = 200;

export interface ExportedFile {
  readonly name: string;
  readonly content: Blob;
}

/** How the browser sends a file and reads the lines of the answer while they come. */
export type Upload = (
  path: string,
  file: Blob,
  hears: {
    /** 0 to 1. */
    sent(share: number): void;
    line(text: string): void;
  },
) => Promise<void>;

export interface Sums {
  readonly imported: number;
  readonly skipped: number;
  readonly failed: number;
}

/** A file on its way in. */
export interface Coming {
  readonly phase: "sending" | "reading" | "done" | "failed";
  readonly name: string;
  /** Of the phase, 0 to 1. */
  readonly share: number;
  readonly sums: Sums;
  /** What was not taken in, or not as it was; the first of them. */
  readonly problems: readonly WireImportRecord[];
  readonly error: unknown;
}

const NOTHING: Sums = { imported: 0, skipped: 0, failed: 0 };

export class Moving {
  /** Null: no file was sent since the page was opened. */
  readonly coming = createStore<{ readonly now: Coming | null }>(() => ({ now: null }));

  constructor(
    private readonly deps: {
      readonly api: Api;
      readonly upload: Upload;
      /** There are new conversations. */
      readonly arrived: () => void;
    },
  ) {}

  /** One conversation as a file; `title` names it. */
  async exportOne(
    id: string,
    format: "json" | "markdown",
    title: string,
    language: string,
  ): Promise<ExportedFile> {
    const content = await this.deps.api.exportOne(id, format, language);
    // A chat with files comes as lines: its files, then the chat.
    const json = content.type.startsWith("application/x-ndjson") ? "jsonl" : "json";
    return { name: `${fileName(title)}.${format === "json" ? json : "md"}`, content };
  }

  async exportAll(day: string): Promise<ExportedFile> {
    return { name: `maru-${day}.jsonl`, content: await this.deps.api.exportAll() };
  }

  /** A new link to the branch that a conversation shows now. */
  share(conversation: string): Promise<WireShare> {
    return this.deps.api.share(conversation);
  }

  /** All links, newest first. */
  shares(): Promise<readonly WireShare[]> {
    return this.deps.api.shares();
  }

  /** The link opens nothing any more. */
  async unshare(id: string): Promise<void> {
    try {
      await this.deps.api.unshare(id);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error;
    }
  }

  /** Take in a file; goes on when nobody looks. Does nothing while another one comes in. */
  async importFile(name: string, file: Blob): Promise<void> {
    if (isComing(this.coming.getState().now)) return;
    let now: Coming = { phase: "sending", name, share: 0, sums: NOTHING, problems: [], error: null };
    const show = (change: Partial<Coming>): void => {
      now = { ...now, ...change };
      this.coming.setState({ now });
    };
    show({});
    let isWhole = false;
    try {
      await this.deps.upload(`/import?name=${encodeURIComponent(name.slice(0, 200))}`, file, {
        sent: (share) => show(share < 1 ? { share } : { phase: "reading", share: 0 }),
        line: (text) => {
          const line = JSON.parse(text) as WireImportRecord | WireImportReport;
          if (line.object === "maru.import.report") isWhole = true;
          else show(withRecord(now, line));
        },
      });
      show(
        isWhole ? { phase: "done", share: 1 } : { phase: "failed", error: new ApiError(0, "cut_off", "") },
      );
    } catch (error) {
      show({ phase: "failed", error });
    }
    if (now.sums.imported > 0) this.deps.arrived();
  }

  /** The report was read. */
  forget(): void {
    if (!isComing(this.coming.getState().now)) this.coming.setState({ now: null });
  }
}

export function isComing(coming: Coming | null): boolean {
  return coming !== null && (coming.phase === "sending" || coming.phase === "reading");
}

function withRecord(coming: Coming, record: WireImportRecord): Partial<Coming> {
  const { sums, problems } = coming;
  const isSmooth = record.outcome === "imported" && record.detail === null;
  const isKnown = record.why === "here_already";
  return {
    phase: "reading",
    share: Math.max(coming.share, record.share),
    sums: { ...sums, [record.outcome]: sums[record.outcome] + 1 },
    problems: isSmooth || isKnown || problems.length >= SHOWN_PROBLEMS ? problems : [...problems, record],
  };
}

/** A title as the name of a file on every system. */
export function fileName(title: string): string {
  const kept = title
    .normalize("NFC")
    // oxlint-disable-next-line no-control-regex -- they are what must not be in a name
    .replaceAll(/[\u0000-\u001f\u007f<>:"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g, " ")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/^[. ]+/g, "");
  return (
    [...kept]
      .slice(0, NAME_CHARS)
      .join("")
      .replaceAll(/[. ]+$/g, "") || "maru"
  );
}
