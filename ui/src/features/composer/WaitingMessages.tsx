import { Clock, Paperclip, Pencil, Send, X } from "lucide-react";
import { useState } from "react";

import type { Attachment } from "@/core/attachments";
import type { WaitingMessage } from "@/core/queue";
import { isRunning } from "@/core/state";
import { useT } from "@/shared/i18n/i18n";
import { isForIme } from "@/shared/ime";
import { useChat, useSession } from "@/shared/session";
import { focusEnd, useFocusBack } from "@/shared/ui/focus";
import { IconButton } from "@/shared/ui/IconButton";
import { TextButton } from "@/shared/ui/TextButton";

/** What is sent when the running answer is complete, above the box; it can still be changed or taken back. */
export function WaitingMessages() {
  const t = useT();
  const session = useSession();
  const open = useChat((state) => state.open);
  const waiting = useChat((state) => (state.open === null ? undefined : state.waiting[state.open]));
  const runs = useChat((state) => isRunning(state, state.open));
  if (open === null || waiting === undefined) return null;
  const isStuck = waiting.isHeld && !runs;
  return (
    <section aria-label={t("queue.label")} className="mb-2 rounded-2xl border bg-floor px-2 py-1.5 text-sm">
      <div className="flex min-h-8 items-center gap-2 pl-2 text-ink-soft">
        <Clock className="size-4 shrink-0" aria-hidden />
        <p className="flex-1">{isStuck ? t("queue.held") : t("queue.hint")}</p>
        {isStuck && (
          <TextButton onClick={() => session.queue.release(open)}>
            <Send aria-hidden />
            {t("queue.sendNow")}
          </TextButton>
        )}
      </div>
      <ol className="max-h-40 overflow-y-auto">
        {waiting.messages.map((message) => (
          <Row key={message.id} conversation={open} message={message} />
        ))}
      </ol>
    </section>
  );
}

function Row({ conversation, message }: { conversation: string; message: WaitingMessage }) {
  const t = useT();
  const { queue } = useSession();
  const [pencil, focusPencil] = useFocusBack();
  const name = short(message.text || message.attachments.map((one) => one.name).join(", "));
  function endEdit(text: string | null): void {
    focusPencil();
    queue.endEdit(conversation, message.id, text);
  }
  if (message.isEdited) {
    return (
      <li className="px-1 py-0.5">
        <Editor text={message.text} mayBeEmpty={message.attachments.length > 0} onEnd={endEdit} />
      </li>
    );
  }
  return (
    <li className="flex items-start gap-1 rounded-lg pl-2 hover:bg-hover">
      <span className="line-clamp-2 min-w-0 flex-1 py-1.5 whitespace-pre-line">
        {message.text}
        <FileNames of={message.attachments} isAlone={message.text === ""} />
      </span>
      <IconButton
        ref={pencil}
        label={t("queue.edit", { text: name })}
        size="small"
        onClick={() => queue.beginEdit(conversation, message.id)}
      >
        <Pencil />
      </IconButton>
      <IconButton
        label={t("queue.remove", { text: name })}
        size="small"
        onClick={() => queue.remove(conversation, message.id)}
      >
        <X />
      </IconButton>
    </li>
  );
}

/** What goes with it. */
function FileNames({ of, isAlone }: { of: readonly Attachment[]; isAlone: boolean }) {
  const t = useT();
  if (of.length === 0) return null;
  const names = of.map(({ kind, name }) => t(kind === "image" ? "attach.image" : "attach.file", { name }));
  return (
    <span className="text-ink-soft">
      {!isAlone && " "}
      <Paperclip className="mr-1 inline size-3.5 align-[-0.125em]" aria-hidden />
      {names.join(", ")}
    </span>
  );
}

interface EditorProps {
  readonly text: string;
  readonly mayBeEmpty: boolean;
  readonly onEnd: (text: string | null) => void;
}

function Editor({ text, mayBeEmpty, onEnd }: EditorProps) {
  const t = useT();
  const [words, setWords] = useState(text);
  const isEmpty = words.trim() === "" && !mayBeEmpty;
  function save(): void {
    if (!isEmpty) onEnd(words.trim());
  }
  return (
    <form
      className="flex items-end gap-1"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <textarea
        ref={focusEnd}
        value={words}
        rows={1}
        aria-label={t("queue.editLabel")}
        className="block field-sizing-content max-h-28 min-w-0 flex-1 resize-none rounded-lg border bg-card px-2 py-1.5 outline-none focus:border-wood/60"
        onChange={(event) => setWords(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (isForIme(event.nativeEvent)) return;
          if (event.key === "Escape") {
            event.preventDefault();
            event.stopPropagation();
            onEnd(null);
          }
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) save();
        }}
      />
      <TextButton onClick={() => onEnd(null)}>{t("queue.cancel")}</TextButton>
      <TextButton type="submit" disabled={isEmpty}>
        {t("queue.save")}
      </TextButton>
    </form>
  );
}

/** Characters of a message that tell it from another in the name of a button. */
const NAME_CHARS = 40;

function short(text: string): string {
  return text.length > NAME_CHARS ? `${text.slice(0, NAME_CHARS)}…` : text;
}
