import type { Element } from "hast";
import { Check, FileSpreadsheet, Hash } from "lucide-react";
import { use } from "react";

import { useT } from "@/shared/i18n/i18n";
import { IconButton } from "@/shared/ui/IconButton";
import { useCopy } from "@/shared/use-copy";

import { BlockSource } from "./block-source";
import { cellsOf, csvOf } from "./table-text";

/** Copying a table: for a spreadsheet, or as it was written. */
export function TableTools({ table }: { table: Element }) {
  const t = useT();
  const { text: source } = use(BlockSource);
  const csv = useCopy();
  const markdown = useCopy();
  const { position } = table;
  const written = source.slice(position?.start.offset ?? 0, position?.end.offset ?? source.length);
  return (
    <div className="table-tools">
      <IconButton
        label={csv.isDone ? t("message.copied") : t("table.copyCsv")}
        size="small"
        onClick={() => csv.run(csvOf(cellsOf(table)))}
      >
        {csv.isDone ? <Check /> : <FileSpreadsheet />}
      </IconButton>
      <IconButton
        label={markdown.isDone ? t("message.copied") : t("table.copyMarkdown")}
        size="small"
        onClick={() => markdown.run(written)}
      >
        {markdown.isDone ? <Check /> : <Hash />}
      </IconButton>
    </div>
  );
}
