import { CircleAlert, CircleCheck, FileUp } from "lucide-react";
import { useId, useState } from "react";
import { useStore } from "zustand";

import type { Coming } from "@/core/moving";
import { isComing } from "@/core/moving";
import type { WireImportRecord } from "@/core/wire";
import { classes } from "@/shared/classes";
import { useSpeech, useT } from "@/shared/i18n/i18n";
import { useSession } from "@/shared/session";
import { Trouble } from "@/shared/ui/Trouble";

/** Conversations of other programs, and of another Maru: a file is chosen or dropped, and what became of it is told. */
export function Arriving() {
  const t = useT();
  const { moving } = useSession();
  const coming = useStore(moving.coming, (state) => state.now);
  const isBusy = isComing(coming);
  const [isOver, setOver] = useState(false);
  const id = useId();
  function take(file: File | undefined): void {
    if (file !== undefined && !isBusy) void moving.importFile(file.name, file);
  }
  return (
    <section aria-labelledby={`${id}-title`} className="mt-6">
      <h3 id={`${id}-title`} className="text-sm font-semibold">
        {t("moving.in")}
      </h3>
      <p className="mt-1 text-sm leading-relaxed text-ink-soft">{t("moving.inHelp")}</p>
      <label
        htmlFor={id}
        className={classes(
          "relative mt-2.5 flex flex-col items-center gap-1.5 rounded-xl border border-dashed px-4 py-6 text-center text-sm transition-colors",
          "has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-wood",
          isOver ? "border-wood bg-wood-soft" : "border-ink-soft/50 bg-paper hover:bg-hover",
          isBusy && "pointer-events-none opacity-60",
        )}
      >
        <FileUp className="size-5 text-wood" aria-hidden />
        <span className="font-medium">{t("moving.inAction")}</span>
        <span className="text-xs text-ink-soft">{t("moving.inSorts")}</span>
        <input
          id={id}
          type="file"
          accept=".json,.jsonl,.ndjson,.zip,application/json,application/zip"
          // It covers the box, so that what is dropped there falls into it.
          className="absolute inset-0 size-full cursor-pointer opacity-0"
          disabled={isBusy}
          onDragEnter={() => setOver(true)}
          onDragLeave={() => setOver(false)}
          onDrop={() => setOver(false)}
          onChange={(event) => {
            take(event.currentTarget.files?.[0]);
            // The same file may be chosen again.
            event.currentTarget.value = "";
          }}
        />
      </label>
      {coming !== null && <Progress coming={coming} />}
    </section>
  );
}

function Progress({ coming }: { coming: Coming }) {
  const { locale, t } = useSpeech();
  const number = new Intl.NumberFormat(locale);
  const { imported, skipped, failed } = coming.sums;
  const isBusy = isComing(coming);
  const what = coming.phase === "sending" ? t("moving.sending") : t("moving.reading");
  return (
    <div className="mt-3 rounded-xl border bg-paper p-3.5 text-sm">
      <p className="truncate font-medium">{coming.name}</p>
      {isBusy && (
        <div
          role="progressbar"
          aria-label={what}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.floor(coming.share * 100)}
          className="mt-2 h-1.5 overflow-hidden rounded-full bg-line"
        >
          <div
            className="h-full rounded-full bg-wood transition-[width] duration-300"
            style={{ width: `${coming.share * 100}%` }}
          />
        </div>
      )}
      <p role="status" className="mt-2 flex items-start gap-x-1.5 text-ink-soft">
        {coming.phase === "done" && <CircleCheck className="mt-0.5 size-4 shrink-0 text-wood" aria-hidden />}
        {isBusy && <span>{what}</span>}
        {coming.phase !== "sending" && (
          <span>
            {t("moving.sums", {
              imported: number.format(imported),
              skipped: number.format(skipped),
              failed: number.format(failed),
            })}
          </span>
        )}
      </p>
      {coming.phase === "failed" && (
        <div className="mt-1">
          <Trouble what={t("moving.inFailed")} error={coming.error} />
        </div>
      )}
      {coming.problems.length > 0 && (
        <ul aria-label={t("moving.problems")} className="mt-2 max-h-44 space-y-1.5 overflow-y-auto">
          {coming.problems.map((record) => (
            <Problem key={`${record.file} ${record.number}`} record={record} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Problem({ record }: { record: WireImportRecord }) {
  const t = useT();
  const where =
    record.number === 0 ? record.file : t("moving.where", { file: record.file, number: record.number });
  return (
    <li className="flex items-start gap-2">
      <CircleAlert
        className={classes(
          "mt-0.5 size-4 shrink-0",
          record.outcome === "failed" ? "text-danger" : "text-ink-soft",
        )}
        aria-hidden
      />
      <span className="min-w-0">
        <span className="font-medium">{record.title ?? where}</span>{" "}
        <span className="text-ink-soft">
          {record.why === null || record.why === undefined ? t("moving.changed") : t(`why.${record.why}`)}
          {record.detail !== null && ` (${record.detail})`}
        </span>
      </span>
    </li>
  );
}
