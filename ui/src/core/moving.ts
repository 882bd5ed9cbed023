/** Conversations on their way out of this server and into it. Every refusal is an `ApiError`. */
import type { Api } from "./api";

/** Characters of a title that stand in the name of a file. */
const NAME_CHARS = 80;

export interface ExportedFile {
  readonly name: string;
  readonly content: Blob;
}

export class Moving {
  constructor(private readonly api: Api) {}

  /** One conversation as a file; `title` names it. */
  async exportOne(
    id: string,
    format: "json" | "markdown",
    title: string,
    language: string,
  ): Promise<ExportedFile> {
    const content = await this.api.exportOne(id, format, language);
    return { name: `${fileName(title)}.${format === "json" ? "json" : "md"}`, content };
  }

  async exportAll(day: string): Promise<ExportedFile> {
    return { name: `maru-${day}.jsonl`, content: await this.api.exportAll() };
  }
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
