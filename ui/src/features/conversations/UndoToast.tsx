import { Undo2 } from "lucide-react";
import { useLayoutEffect, useRef } from "react";

import type { TakenOff } from "@/core/listing";
import { firstWordsOf } from "@/core/state";
import { classes } from "@/shared/classes";
import { useDialog } from "@/shared/dialogs";
import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";

/** For a while after a conversation was deleted or put away: the way back. The archive has one of its own. */
export function UndoToast() {
  const isInArchive = useDialog()?.kind === "archive";
  return isInArchive ? null : (
    <Undo className="fixed z-50 shadow-card max-md:inset-x-4 max-md:top-16 md:bottom-5 md:left-5 md:max-w-96" />
  );
}

/** The same where it stands. */
export function Undo({ className }: { className: string }) {
  const takenOff = useChat((state) => state.takenOff);
  if (takenOff === null) return null;
  return <Bar key={takenOff.conversation.id} takenOff={takenOff} className={className} />;
}

function Bar({ takenOff, className }: { takenOff: TakenOff; className: string }) {
  const t = useT();
  const session = useSession();
  const button = useRef<HTMLButtonElement>(null);
  const { id, title } = takenOff.conversation;
  const name = useChat((state) => title || firstWordsOf(state, id)) || t("list.untitled");
  // What had the focus is gone with the row; and so is this after a while.
  useLayoutEffect(() => {
    const undo = button.current;
    // A menu that closes gives the focus back to its button, which is gone, in the next frame.
    const frame = requestAnimationFrame(() => undo?.focus());
    return () => {
      cancelAnimationFrame(frame);
      if (document.activeElement === undo) focusWhatIsLeft();
    };
  }, []);
  return (
    <div
      className={classes(
        "row-enter flex items-center gap-3 rounded-2xl bg-ink py-1.5 pr-1.5 pl-4 text-sm text-paper",
        className,
      )}
    >
      <span className="line-clamp-2 min-w-0 flex-1">{t(`undo.${takenOff.to}`, { title: name })}</span>
      <button
        ref={button}
        type="button"
        className="inline-flex h-9 shrink-0 items-center gap-1.5 rounded-xl px-3 font-medium hover:bg-paper/15 pointer-coarse:h-11"
        onClick={() => void session.list.undo()}
      >
        <Undo2 className="size-4" aria-hidden />
        {t("undo.button")}
      </button>
    </div>
  );
}

/** The open dialog, else the message box. */
function focusWhatIsLeft(): void {
  document.querySelector<HTMLElement>("[role=dialog], main textarea")?.focus();
}
