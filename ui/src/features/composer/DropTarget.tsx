import { FileUp } from "lucide-react";
import { useEffect, useState } from "react";

import { blindModel } from "@/core/comparing";
import { useT } from "@/shared/i18n/i18n";
import { focusBox } from "@/shared/insert";
import { useChat, useSession } from "@/shared/session";

import { hasFiles, isTakenElsewhere } from "./transfer";

/** Shows, while files are dragged over the page, that they may be dropped anywhere on it. */
export function DropTarget() {
  const t = useT();
  const isOver = useDrops();
  const blind = useChat((state) => blindModel(state, state.open));
  if (!isOver) return null;
  return (
    <div
      className="pointer-events-none fixed inset-0 z-60 bg-paper/80 p-3 backdrop-blur-[2px]"
      data-drop-target
    >
      <div className="flex size-full flex-col items-center justify-center gap-2 rounded-3xl border-2 border-dashed border-wood bg-wood-soft/60 text-center">
        <FileUp className="size-9 text-wood" aria-hidden />
        <p className="text-lg font-semibold">{t("attach.drop")}</p>
        <p className="px-6 text-sm text-ink-soft">
          {blind === null ? t("attach.dropAll") : t("attach.dropTexts", { model: blind })}
        </p>
      </div>
    </div>
  );
}

/** Whether files are over the page; what is dropped is attached. Synchronises with the browser's drags. */
function useDrops(): boolean {
  const session = useSession();
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const onOver = (event: DragEvent): void => {
      if (!hasFiles(event.dataTransfer) || isTakenElsewhere(event.target)) return;
      event.preventDefault();
      const isCovered = document.querySelector("[role=dialog]") !== null;
      if (event.dataTransfer !== null) event.dataTransfer.dropEffect = isCovered ? "none" : "copy";
      setOver(!isCovered);
    };
    const onLeave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent): void => {
      setOver(false);
      if (!hasFiles(event.dataTransfer) || isTakenElsewhere(event.target)) return;
      event.preventDefault();
      if (document.querySelector("[role=dialog]") !== null) return;
      void session.attaching.add(session.store.getState().open, [...(event.dataTransfer?.files ?? [])]);
      focusBox();
    };
    addEventListener("dragenter", onOver);
    addEventListener("dragover", onOver);
    addEventListener("dragleave", onLeave);
    addEventListener("drop", onDrop);
    return () => {
      removeEventListener("dragenter", onOver);
      removeEventListener("dragover", onOver);
      removeEventListener("dragleave", onLeave);
      removeEventListener("drop", onDrop);
    };
  }, [session]);
  return isOver;
}
