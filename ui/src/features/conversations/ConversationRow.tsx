import { Archive, Download, Ellipsis, Link2, Pencil, Pin, PinOff, Trash2 } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { memo, useRef, useState } from "react";
import { Link } from "wouter";

import type { Conversation } from "@/core/state";
import { firstWordsOf, isRunning } from "@/core/state";
import { classes } from "@/shared/classes";
import { openDialog } from "@/shared/dialogs";
import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";

import { MoveMenu } from "./MoveMenu";
import { NameField } from "./NameField";

interface RowProps {
  readonly conversation: Conversation;
  readonly onChosen: () => void;
}

/** One conversation in the list: open, pin, rename in place, put away, delete. */
export const ConversationRow = memo(function ConversationRow({ conversation, onChosen }: RowProps) {
  const t = useT();
  const { id, isPinned } = conversation;
  const isOpen = useChat((state) => state.open === id);
  const [isRenaming, setRenaming] = useState(false);
  const link = useRef<HTMLAnchorElement>(null);
  const session = useSession();
  // Not by asking the whole list: there may be thousands of rows, and all ask whenever anything changes.
  const firstWords = useChat((state) => (conversation.title ? null : firstWordsOf(state, id)));
  const title = conversation.title || firstWords || t("list.untitled");
  if (isRenaming) return <RenameRow id={id} title={title} onDone={() => setRenaming(false)} />;
  return (
    <li className="group relative">
      <Link
        ref={link}
        href={`/c/${id}`}
        onClick={onChosen}
        aria-current={isOpen ? "page" : undefined}
        className={classes(
          "flex h-9 items-center gap-2 rounded-lg pr-9 pl-2.5 text-sm transition-colors pointer-coarse:h-11",
          isOpen ? "bg-hover font-medium" : "hover:bg-hover",
        )}
      >
        <span className="min-w-0 flex-1 truncate">{title}</span>
        <Mark id={id} />
      </Link>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger
          aria-label={t("list.menu", { title })}
          className={classes(
            "absolute top-1/2 right-1 flex size-7 -translate-y-1/2 items-center justify-center rounded-md text-ink-soft",
            "opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 hover:bg-line hover:text-ink",
            "data-[state=open]:opacity-100 pointer-coarse:size-9 pointer-coarse:opacity-100",
            isOpen && "opacity-100",
          )}
        >
          <Ellipsis className="size-4" />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className="menu" align="start" sideOffset={4} collisionPadding={8}>
            <DropdownMenu.Item
              className="menu-item [&>svg]:text-ink-soft"
              onSelect={() => void session.list.pin(id, !isPinned)}
            >
              {isPinned ? <PinOff /> : <Pin />}
              {isPinned ? t("list.unpin") : t("list.pin")}
            </DropdownMenu.Item>
            <DropdownMenu.Item className="menu-item [&>svg]:text-ink-soft" onSelect={() => setRenaming(true)}>
              <Pencil />
              {t("list.rename")}
            </DropdownMenu.Item>
            <MoveMenu conversation={conversation} />
            <DropdownMenu.Item
              className="menu-item [&>svg]:text-ink-soft"
              onSelect={() => openDialog({ kind: "export", conversation: id }, link.current)}
            >
              <Download />
              {t("export.action")}
            </DropdownMenu.Item>
            <DropdownMenu.Item
              className="menu-item [&>svg]:text-ink-soft"
              onSelect={() => openDialog({ kind: "shares", conversation: id }, link.current)}
            >
              <Link2 />
              {t("share.action")}
            </DropdownMenu.Item>
            <DropdownMenu.Item
              className="menu-item [&>svg]:text-ink-soft"
              onSelect={() => {
                void session.list.archive(id);
                onChosen();
              }}
            >
              <Archive />
              {t("list.archive")}
            </DropdownMenu.Item>
            <DropdownMenu.Item
              className="menu-item text-danger"
              onSelect={() => {
                session.list.remove(id);
                // A drawer would hide the way back.
                onChosen();
              }}
            >
              <Trash2 />
              {t("list.delete")}
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </li>
  );
});

/** A dot while an answer is being written, and another while it was not looked at. */
function Mark({ id }: { id: string }) {
  const t = useT();
  const runs = useChat((state) => isRunning(state, id));
  const isUnread = useChat((state) => state.unread[id] === true);
  if (!runs && !isUnread) return null;
  return (
    <span
      role="img"
      aria-label={runs ? t("list.running") : t("list.unread")}
      className={classes("size-2 shrink-0 rounded-full bg-wood", runs && "animate-pulse")}
    />
  );
}

function RenameRow({ id, title, onDone }: { id: string; title: string; onDone: () => void }) {
  const t = useT();
  const session = useSession();
  return (
    <li className="px-0.5 py-px">
      <NameField
        label={t("list.renameLabel")}
        name={title}
        maxLength={200}
        onEnd={(written) => {
          if (written !== null) void session.list.rename(id, written);
          onDone();
        }}
      />
    </li>
  );
}
