import type { RefObject } from "react";
import { useEffect } from "react";

import { MOST_ATTACHMENTS } from "@/core/attachments";
import type { Translate } from "@/shared/i18n/i18n";
import { useT } from "@/shared/i18n/i18n";
import { useSession } from "@/shared/session";
import type { Session } from "@/core/session";

import { freeName, isUnnamed, LONG_PASTE_CHARS, pastedFiles } from "./transfer";

/**
 * Files that are pasted anywhere but into another field are attached, and so is a long text that is pasted into the box,
 * unless Shift was held. Synchronises with the browser's clipboard.
 *
 * @param onLong a long text became a file.
 */
export function usePaste(box: RefObject<HTMLTextAreaElement | null>, onLong: () => void): void {
  const t = useT();
  const session = useSession();
  useEffect(() => {
    let isInline = false;
    const onKeyDown = ({ code, shiftKey, ctrlKey, metaKey }: KeyboardEvent): void => {
      isInline = code === "KeyV" && shiftKey && (ctrlKey || metaKey);
    };
    const onPaste = (event: ClipboardEvent): void => {
      const data = event.clipboardData;
      const staysInline = isInline;
      isInline = false;
      if (data === null || event.defaultPrevented || !isForTheMessage(event.target, box.current)) return;
      const files = pastedFiles(data);
      const { open } = session.store.getState();
      if (files.length > 0) {
        event.preventDefault();
        box.current?.focus();
        void session.attaching.add(open, named(files, session, t));
        return;
      }
      const text = data.getData("text/plain");
      const hasRoom = session.attaching.of(open).length < MOST_ATTACHMENTS;
      if (event.target !== box.current || staysInline || text.length <= LONG_PASTE_CHARS || !hasRoom) return;
      event.preventDefault();
      void session.attaching.add(open, [textFile(text, session, t)]);
      onLong();
    };
    addEventListener("keydown", onKeyDown, true);
    addEventListener("paste", onPaste);
    return () => {
      removeEventListener("keydown", onKeyDown, true);
      removeEventListener("paste", onPaste);
    };
  }, [box, session, t, onLong]);
}

function isForTheMessage(target: EventTarget | null, box: HTMLElement | null): boolean {
  if (target === box) return true;
  return (
    target instanceof Element && target.closest("input, textarea, [contenteditable], [role=dialog]") === null
  );
}

function namesIn(session: Session): string[] {
  return session.attaching.of(session.store.getState().open).map(({ name }) => name);
}

function named(files: readonly File[], session: Session, t: Translate): File[] {
  const used = namesIn(session);
  return files.map((file) => {
    if (!isUnnamed(file)) return file;
    const name = freeName(t("attach.pastedImage"), (number) => t("attach.pastedImageNext", { number }), used);
    used.push(name);
    return new File([file], name, { type: file.type });
  });
}

function textFile(text: string, session: Session, t: Translate): File {
  const used = namesIn(session);
  const name = freeName(t("attach.pastedText"), (number) => t("attach.pastedTextNext", { number }), used);
  return new File([text], name, { type: "text/plain" });
}
