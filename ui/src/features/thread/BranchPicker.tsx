import { ChevronLeft, ChevronRight } from "lucide-react";

import { isRunning, openThread } from "@/core/state";
import { siblingsOf } from "@/core/tree";
import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";
import { IconButton } from "@/shared/ui/IconButton";

/** ‹ 2/3 ›: the other versions of a message. Nothing when there is only one. */
export function BranchPicker({ id }: { id: string }) {
  const t = useT();
  const session = useSession();
  const siblings = useChat((state) => siblingsOf(openThread(state), id));
  const isBusy = useChat((state) => isRunning(state, state.open));
  if (siblings.length < 2) return null;
  const index = siblings.indexOf(id);
  const previous = siblings[index - 1];
  const next = siblings[index + 1];
  return (
    <span className="flex items-center">
      <IconButton
        label={t("message.previous")}
        size="small"
        disabled={previous === undefined || isBusy}
        onClick={() => previous !== undefined && session.switchTo(previous)}
      >
        <ChevronLeft />
      </IconButton>
      <span
        className="text-xs text-ink-soft tabular-nums"
        role="img"
        aria-label={t("message.version", { index: index + 1, total: siblings.length })}
      >
        {index + 1}/{siblings.length}
      </span>
      <IconButton
        label={t("message.next")}
        size="small"
        disabled={next === undefined || isBusy}
        onClick={() => next !== undefined && session.switchTo(next)}
      >
        <ChevronRight />
      </IconButton>
    </span>
  );
}
