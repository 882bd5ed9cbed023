import { Undo2 } from "lucide-react";

import { useLayoutEffect, useRef } from "react";

import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";

/** For a while after a deletion: the way back. */
export function UndoBar() {
  const session = useSession();
  const isShown = useChat((state) => state.deleted !== null && state.deleted.conversation === state.open);
  return isShown ? <Bar onUndo={() => session.trash.undo()} /> : null;
}

function Bar({ onUndo }: { onUndo: () => void }) {
  const t = useT();
  const button = useRef<HTMLButtonElement>(null);
  // What had the focus is gone with the message; and so is the bar after a while.
  useLayoutEffect(() => {
    const undo = button.current;
    undo?.focus();
    return () => {
      if (document.activeElement === undo) undo?.closest("form")?.querySelector("textarea")?.focus();
    };
  }, []);
  return (
    <div className="row-enter mb-2 flex items-center justify-between gap-3 rounded-2xl bg-ink py-1.5 pr-1.5 pl-4 text-sm text-paper">
      <span>{t("message.deleted")}</span>
      <button
        type="button"
        ref={button}
        className="inline-flex h-9 items-center gap-1.5 rounded-xl px-3 font-medium hover:bg-paper/15"
        onClick={onUndo}
      >
        <Undo2 className="size-4" aria-hidden />
        {t("message.undo")}
      </button>
    </div>
  );
}
