import { Check, Copy, Download, WrapText } from "lucide-react";
import type { ReactNode } from "react";
import { memo, useState } from "react";

import { classes } from "@/shared/classes";
import { useT } from "@/shared/i18n/i18n";
import { saveFile } from "@/shared/save-file";
import { IconButton } from "@/shared/ui/IconButton";
import { useCopy } from "@/shared/use-copy";

import { fileNameOf } from "./file-names";
import type { Row, Tokenizer } from "./highlight";
import { useLoaded } from "./use-loaded";

interface Colouring {
  readonly tokenizer: Tokenizer;
  rowsOf(code: string): readonly Row[];
}

/** Shiki comes with the first code block that has a language. */
async function loadColours(language: string): Promise<Colouring | null> {
  const { ColouredCode, loadTokenizer } = await import("./highlight");
  const tokenizer = await loadTokenizer(language);
  if (tokenizer === null) return null;
  const coloured = new ColouredCode();
  return { tokenizer, rowsOf: (code) => coloured.rowsOf(code, tokenizer) };
}

/** A fenced block: language, copy, wrap, its own horizontal scroll. */
export const CodeBlock = memo(function CodeBlock({
  code,
  language,
  tools,
}: {
  code: string;
  language: string | null;
  /** More buttons, before the others. */
  tools?: ReactNode;
}) {
  const t = useT();
  const [isWrapped, setWrapped] = useState(false);
  const copy = useCopy();
  const colours = useLoaded(language, loadColours);
  const name = language ?? t("code.plain");
  return (
    <figure className="code-block not-prose" aria-label={t("code.label", { language: name })}>
      <figcaption className="flex h-9 items-center justify-between gap-2 border-b border-line pr-1 pl-4 text-xs text-ink-soft">
        <span className="font-mono">{name}</span>
        <span className="flex">
          {tools}
          <IconButton
            label={t("code.wrap")}
            size="small"
            aria-pressed={isWrapped}
            onClick={() => setWrapped(!isWrapped)}
          >
            <WrapText />
          </IconButton>
          <IconButton
            label={t("code.download")}
            size="small"
            onClick={() => saveFile(fileNameOf(language), new Blob([code, "\n"], { type: "text/plain" }))}
          >
            <Download />
          </IconButton>
          <IconButton
            label={copy.isDone ? t("message.copied") : t("code.copy")}
            size="small"
            onClick={() => copy.run(code)}
          >
            {copy.isDone ? <Check /> : <Copy />}
          </IconButton>
        </span>
      </figcaption>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- without it the keyboard cannot scroll it */}
      <pre tabIndex={0} className={classes("code-lines", isWrapped && "code-wrapped")}>
        <code>{colours === null ? code : <Rows rows={colours.rowsOf(code)} />}</code>
      </pre>
    </figure>
  );
});

function Rows({ rows }: { rows: readonly Row[] }) {
  // A line is known by its place: lines are only ever added at the end.
  // oxlint-disable-next-line react/no-array-index-key
  return rows.map((row, index) => <Line key={index} row={row} />);
}

const Line = memo(function Line({ row }: { row: Row }) {
  return (
    <>
      {row.map((piece, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- a line never changes its pieces
        <span key={index} className="shiki-piece" style={piece.style}>
          {piece.text}
        </span>
      ))}
      {"\n"}
    </>
  );
});
