import { BookmarkPlus, Check, Copy, Pencil, ScrollText } from "lucide-react";
import { memo, useCallback, useRef, useState } from "react";

import type { Said } from "@/core/attachments";
import { isNothing, namesOf, saidIn } from "@/core/attachments";
import { isRunning, openThread } from "@/core/state";
import type { Turn } from "@/core/tree";
import { textOf } from "@/core/tree";
import { classes } from "@/shared/classes";
import { openDialog } from "@/shared/dialogs";
import { beginEditing, endEditing, useIsEdited } from "@/shared/editing";
import { useT } from "@/shared/i18n/i18n";
import { isForIme } from "@/shared/ime";
import { useChat, useSession } from "@/shared/session";
import { focusEnd, useFocusBack } from "@/shared/ui/focus";
import { IconButton } from "@/shared/ui/IconButton";
import { useCopy } from "@/shared/use-copy";

import { Actions } from "./Actions";
import { BranchPicker } from "./BranchPicker";
import { EditedFiles, MessageFiles } from "./MessageFiles";
import { MoreItem, MoreMenu } from "./MoreMenu";
import { PinButton, PinMark, PinTrouble, usePin } from "./Pin";

/** Something a person said; the words are shown as they were typed. */
export const UserTurn = memo(function UserTurn({ turn, isUnseen }: { turn: Turn; isUnseen: boolean }) {
  const t = useT();
  const copy = useCopy();
  const id = turn.ids[0] ?? "";
  const isEditing = useIsEdited(id);
  const node = useChat((state) => openThread(state).nodes[id]);
  const isBusy = useChat((state) => isRunning(state, state.open));
  const [pencil, focusPencil] = useFocusBack();
  const pin = usePin(node === undefined ? [] : [node]);
  if (node === undefined) return null;
  const text = textOf(node);
  function stopEditing(): void {
    focusPencil();
    endEditing();
  }
  return (
    <article
      className={classes("turn group row-enter flex flex-col items-end pt-2", isUnseen && "unseen")}
      data-role="user"
      data-ids={turn.ids.join(" ")}
    >
      <h2 className="sr-only">
        {t("thread.you")}
        {isUnseen && ` (${t("memory.unseen")})`}
      </h2>
      {pin.isPinned && <PinMark />}
      {isEditing ? (
        <EditBox id={id} said={saidIn(node)} onEnd={stopEditing} />
      ) : (
        <>
          <MessageFiles parts={node.parts} />
          {text !== "" && (
            <div className="max-w-[85%] rounded-3xl rounded-br-lg bg-wood-soft px-4.5 py-2.5 text-base leading-relaxed whitespace-pre-wrap">
              {text}
            </div>
          )}
        </>
      )}
      {!isEditing && (
        <Actions isAlwaysShown={false}>
          <BranchPicker id={id} />
          <IconButton
            label={copy.isDone ? t("message.copied") : t("message.copy")}
            size="small"
            onClick={() => copy.run(text || namesOf(node))}
          >
            {copy.isDone ? <Check /> : <Copy />}
          </IconButton>
          <IconButton
            ref={pencil}
            label={t("message.edit")}
            size="small"
            disabled={isBusy}
            onClick={() => beginEditing(id)}
          >
            <Pencil />
          </IconButton>
          <PinButton pin={pin} />
          <IconButton
            label={t("remember.action")}
            size="small"
            disabled={text === ""}
            onClick={() => openDialog({ kind: "remember", text })}
          >
            <BookmarkPlus />
          </IconButton>
          <MoreMenu id={id} last={id}>
            <MoreItem
              icon={<ScrollText />}
              label={t("prompts.saveAs")}
              disabled={text === ""}
              onSelect={() => openDialog({ kind: "prompts", text })}
            />
          </MoreMenu>
        </Actions>
      )}
      <PinTrouble pin={pin} />
    </article>
  );
});

function EditBox({ id, said, onEnd }: { id: string; said: Said; onEnd: () => void }) {
  const t = useT();
  const session = useSession();
  const [words, setWords] = useState(said.text);
  const [attachments, setAttachments] = useState(said.attachments);
  const box = useRef<HTMLTextAreaElement | null>(null);
  const begin = useCallback((element: HTMLTextAreaElement | null) => {
    box.current = element;
    focusEnd(element);
  }, []);
  const isBusy = useChat((state) => isRunning(state, state.open));
  const isEmpty = isNothing({ text: words, attachments });
  function send(): void {
    // An answer may have begun since; what was typed stays.
    if (session.edit(id, { text: words, attachments })) onEnd();
  }
  return (
    <form
      className="w-full rounded-3xl border border-wood/50 bg-card p-3 shadow-card"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <EditedFiles
        attachments={attachments}
        onRemove={(gone) => {
          setAttachments(attachments.filter((one) => one !== gone));
          box.current?.focus();
        }}
      />
      <textarea
        ref={begin}
        value={words}
        rows={2}
        aria-label={t("message.editLabel")}
        className="block field-sizing-content max-h-[40dvh] w-full resize-none bg-transparent px-2 py-1 text-base leading-relaxed outline-none"
        onChange={(event) => setWords(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (isForIme(event.nativeEvent)) return;
          if (event.key === "Escape") {
            event.stopPropagation();
            onEnd();
          }
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
        }}
      />
      <div className="mt-2 flex justify-end gap-2">
        <button type="button" className="button button-plain" onClick={onEnd}>
          {t("message.editCancel")}
        </button>
        <button type="submit" className="button button-wood" disabled={isEmpty || isBusy}>
          {t("message.editSend")}
        </button>
      </div>
    </form>
  );
}
