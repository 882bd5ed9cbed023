import {
  ChevronRight,
  Ellipsis,
  Folder as FolderIcon,
  FolderOpen,
  FolderPlus,
  Pencil,
  Trash2,
} from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useMemo } from "react";

import type { Folder } from "@/core/state";
import { classes } from "@/shared/classes";
import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";
import { IconButton } from "@/shared/ui/IconButton";

import { ConversationRow } from "./ConversationRow";
import { NameField } from "./NameField";

const MOST_NAME_CHARS = 80;

/** All folders, each to be unfolded; nothing while there is none. */
export function FolderList({ onChosen }: { onChosen: () => void }) {
  const t = useT();
  const session = useSession();
  const folders = useChat((state) => state.folders);
  if (folders.length === 0) return null;
  return (
    <section aria-labelledby="group-folders">
      <div className="flex items-center justify-between pt-3">
        <h2 id="group-folders" className="px-2.5 text-xs font-medium text-ink-soft">
          {t("folder.list")}
        </h2>
        <IconButton
          label={t("folder.new")}
          size="small"
          onClick={() => void session.list.folders.create(t("folder.unnamed"), null)}
        >
          <FolderPlus />
        </IconButton>
      </div>
      <ul>
        {folders.map((folder) => (
          <Row key={folder.id} folder={folder} onChosen={onChosen} />
        ))}
      </ul>
    </section>
  );
}

function Row({ folder, onChosen }: { folder: Folder; onChosen: () => void }) {
  const t = useT();
  const session = useSession();
  const { id, name } = folder;
  const isOpen = useChat((state) => state.openFolders.includes(id));
  const isNamed = useChat((state) => state.namedFolder === id);
  return (
    <li>
      {isNamed ? (
        <div className="px-0.5 py-px">
          <NameField
            label={t("folder.name")}
            name={name}
            maxLength={MOST_NAME_CHARS}
            onEnd={(written) => {
              session.list.folders.askName(null);
              if (written !== null) void session.list.folders.rename(id, written);
            }}
          />
        </div>
      ) : (
        <div className="group relative">
          <button
            type="button"
            aria-expanded={isOpen}
            onClick={() => void session.list.folders.setOpen(id, !isOpen)}
            className="flex h-9 w-full items-center gap-2 rounded-lg pr-9 pl-1.5 text-sm transition-colors hover:bg-hover pointer-coarse:h-11"
          >
            <ChevronRight
              className={classes(
                "size-3.5 shrink-0 text-ink-soft transition-transform",
                isOpen && "rotate-90",
              )}
              aria-hidden
            />
            {isOpen ? (
              <FolderOpen className="size-4 shrink-0 text-wood" aria-hidden />
            ) : (
              <FolderIcon className="size-4 shrink-0 text-wood" aria-hidden />
            )}
            <span className="min-w-0 flex-1 truncate text-left">{name}</span>
          </button>
          <Menu folder={folder} />
        </div>
      )}
      {isOpen && <Inside id={id} onChosen={onChosen} />}
    </li>
  );
}

function Menu({ folder }: { folder: Folder }) {
  const t = useT();
  const session = useSession();
  const { id, name } = folder;
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        aria-label={t("list.menu", { title: name })}
        className="absolute top-1/2 right-1 flex size-7 -translate-y-1/2 items-center justify-center rounded-md text-ink-soft opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 hover:bg-line hover:text-ink data-[state=open]:opacity-100 pointer-coarse:size-9 pointer-coarse:opacity-100"
      >
        <Ellipsis className="size-4" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="start" sideOffset={4} collisionPadding={8}>
          <DropdownMenu.Item
            className="menu-item [&>svg]:text-ink-soft"
            onSelect={() => session.list.folders.askName(id)}
          >
            <Pencil />
            {t("list.rename")}
          </DropdownMenu.Item>
          <DropdownMenu.Item
            className="menu-item text-danger"
            onSelect={() => void session.list.folders.remove(id)}
          >
            <Trash2 />
            {t("folder.delete")}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

/** What lies in a folder; what is pinned stands above all, and not here. */
function Inside({ id, onChosen }: { id: string; onChosen: () => void }) {
  const t = useT();
  const session = useSession();
  const conversations = useChat((state) => state.conversations);
  const hasMore = useChat((state) => state.fullFolders[id] === true);
  const inside = useMemo(
    () => conversations.filter((one) => one.folder === id && !one.isPinned),
    [conversations, id],
  );
  return (
    <div className="ml-3.5 border-l pl-1.5">
      {inside.length === 0 && <p className="px-2.5 py-1.5 text-xs text-ink-soft">{t("folder.empty")}</p>}
      <ul>
        {inside.map((one) => (
          <ConversationRow key={one.id} conversation={one} onChosen={onChosen} />
        ))}
      </ul>
      {hasMore && (
        <button
          type="button"
          className="h-9 w-full rounded-lg px-2.5 text-left text-sm text-ink-soft hover:bg-hover"
          onClick={() => void session.list.folders.loadMore(id)}
        >
          {t("list.more")}
        </button>
      )}
    </div>
  );
}
