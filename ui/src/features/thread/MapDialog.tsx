import { MessageSquare, Sparkles } from "lucide-react";
import type { KeyboardEvent } from "react";
import { useRef, useState } from "react";

import type { Attachment } from "@/core/attachments";
import type { MapRow } from "@/core/branch-map";
import { mapOf } from "@/core/branch-map";
import { openThread } from "@/core/state";
import { classes } from "@/shared/classes";
import { closeDialog, forgetOpener } from "@/shared/dialogs";
import type { Translate } from "@/shared/i18n/i18n";
import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";
import { Window } from "@/shared/ui/Window";

/** How far a fork moves its versions to the right, and up to which depth. */
const STEP_REM = 1.25;
const DEEPEST = 8;

/** All branches of the open conversation; picking a message shows its branch, and goes there. */
export default function MapDialog() {
  const t = useT();
  const session = useSession();
  const thread = useChat(openThread);
  const open = useChat((state) => state.open);
  const rows = mapOf(thread);
  const [chosen, setChosen] = useState(() => rows.findLast((row) => row.isOpen)?.id);
  const tree = useRef<HTMLDivElement>(null);
  const at = Math.max(
    0,
    rows.findIndex((row) => row.id === chosen),
  );

  function pick(row: MapRow): void {
    forgetOpener(); // the message that is chosen has the focus
    closeDialog();
    if (open !== null) session.seeking.show(open, row.id, []);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const row = rows[at];
    if (row === undefined) return;
    const to = placeFor(event.key, rows, at);
    if (to !== null) {
      setChosen(rows[to]?.id);
      tree.current?.querySelectorAll<HTMLElement>("[role=treeitem]")[to]?.focus();
    } else if (event.key === "Enter" || event.key === " ") {
      pick(row);
    } else {
      return;
    }
    event.preventDefault();
  }

  return (
    <Window title={t("map.title")} lead={t("map.lead")}>
      <div ref={tree} role="tree" aria-label={t("map.title")} tabIndex={-1} onKeyDown={onKeyDown}>
        {rows.map((row, index) => (
          <Line
            key={row.id}
            row={row}
            isChosen={index === at}
            onFocus={() => setChosen(row.id)}
            onPick={() => pick(row)}
          />
        ))}
      </div>
    </Window>
  );
}

interface LineProps {
  readonly row: MapRow;
  readonly isChosen: boolean;
  readonly onFocus: () => void;
  readonly onPick: () => void;
}

function Line({ row, isChosen, onFocus, onPick }: LineProps) {
  const t = useT();
  const Icon = row.role === "user" ? MessageSquare : Sparkles;
  return (
    // The tree has the keys.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
    <div
      role="treeitem"
      aria-level={row.level + 1}
      aria-selected={row.isOpen}
      tabIndex={isChosen ? 0 : -1}
      className={classes(
        "flex cursor-pointer items-center gap-2 rounded-lg px-2 py-1.5 text-sm -outline-offset-2 hover:bg-hover pointer-coarse:py-2.5",
        row.isOpen ? "font-medium" : "text-ink-soft",
      )}
      style={{ marginInlineStart: `${Math.min(row.level, DEEPEST) * STEP_REM}rem` }}
      onFocus={onFocus}
      onClick={onPick}
    >
      <Icon className={classes("size-4 shrink-0", row.isOpen && "text-wood")} aria-hidden />
      <span className="sr-only">{row.role === "user" ? t("thread.you") : t("thread.assistant")}: </span>
      <span className="min-w-0 flex-1 truncate">
        {[row.text, ...row.attachments.map((one) => nameOf(one, t))].filter(Boolean).join(" · ")}
      </span>
      {row.version !== null && (
        <span className="shrink-0 rounded-full border px-2 text-xs text-ink-soft">
          {t("map.version", { number: row.version })}
        </span>
      )}
    </div>
  );
}

function nameOf({ kind, name }: Attachment, t: Translate): string {
  if (kind === "image") return name === "" ? t("attach.imageUnnamed") : t("attach.image", { name });
  return name === "" ? t("attach.fileUnnamed") : t("attach.file", { name });
}

/** Where a key leads in the list; null for keys that do something else. */
function placeFor(key: string, rows: readonly MapRow[], at: number): number | null {
  const last = rows.length - 1;
  if (key === "ArrowDown" || key === "ArrowRight") return Math.min(at + 1, last);
  if (key === "ArrowUp") return Math.max(at - 1, 0);
  if (key === "Home") return 0;
  if (key === "End") return last;
  if (key !== "ArrowLeft") return null;
  // To the message that the version stands below.
  const level = rows[at]?.level ?? 0;
  return Math.max(
    0,
    rows.findLastIndex((row, index) => index < at && row.level < level),
  );
}
