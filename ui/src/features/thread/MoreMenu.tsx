import { Ellipsis, GitFork, Split, Trash2 } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode, RefObject } from "react";
import { useRef } from "react";

import { hasForks } from "@/core/branch-map";
import { LOCAL } from "@/core/runs";
import { conversationFor, isRunning, openThread } from "@/core/state";
import { openDialog } from "@/shared/dialogs";
import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";
import { IconButton } from "@/shared/ui/IconButton";
import { Trouble } from "@/shared/ui/Trouble";
import { useAttempt } from "@/shared/use-attempt";

/**
 * What is done less often with a message: `children`, a new chat from here, and deleting it with what follows.
 *
 * @param id its first item.
 * @param last its last item.
 */
export function MoreMenu({ id, last, children }: { id: string; last: string; children?: ReactNode }) {
  const t = useT();
  const session = useSession();
  const forking = useAttempt();
  const open = useChat((state) => state.open);
  const isBusy = useChat((state) => isRunning(state, state.open));
  const button = useRef<HTMLButtonElement>(null);
  const isOurs = open === null || open.startsWith(LOCAL) || id.startsWith(LOCAL);
  function fork(): void {
    if (open === null) return;
    const title = conversationFor(session.store.getState(), open)?.title;
    const name = title ? t("message.forkTitle", { title: cutTo(MOST_TITLE_CHARS, title) }) : null;
    void forking.run(() => session.list.fork(open, last, name));
  }

  return (
    <>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger asChild>
          <IconButton ref={button} label={t("message.more")} size="small">
            <Ellipsis />
          </IconButton>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className="menu" align="start" sideOffset={6} collisionPadding={12}>
            {children}
            <MapItem opener={button} />
            <MoreItem
              icon={<Split />}
              label={t("message.fork")}
              disabled={isOurs || last.startsWith(LOCAL)}
              onSelect={fork}
            />
            <MoreItem
              icon={<Trash2 />}
              label={t("message.delete")}
              disabled={isBusy || isOurs}
              onSelect={() => open !== null && session.trash.remove(open, id)}
            />
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {forking.error !== null && <Trouble what={t("message.forkFailed")} error={forking.error} />}
    </>
  );
}

/** Of a title that gets an ending. */
const MOST_TITLE_CHARS = 180;

/** Never half an emoji. */
function cutTo(chars: number, text: string): string {
  const letters = [...new Intl.Segmenter().segment(text)].map((one) => one.segment);
  let cut = "";
  for (const letter of letters) {
    if (cut.length + letter.length > chars) break;
    cut += letter;
  }
  return cut;
}

/** Looked for only while the menu is open: it takes a look at every message. */
function MapItem({ opener }: { opener: RefObject<HTMLElement | null> }) {
  const t = useT();
  const hasMap = useChat((state) => hasForks(openThread(state)));
  if (!hasMap) return null;
  return (
    <MoreItem
      icon={<GitFork />}
      label={t("map.open")}
      onSelect={() => openDialog({ kind: "map" }, opener.current)}
    />
  );
}

export function MoreItem({
  icon,
  label,
  disabled = false,
  onSelect,
}: {
  icon: ReactNode;
  label: string;
  disabled?: boolean;
  onSelect: () => void;
}) {
  return (
    <DropdownMenu.Item
      className="menu-item data-disabled:opacity-50 [&>svg]:text-ink-soft"
      disabled={disabled}
      onSelect={onSelect}
    >
      {icon}
      {label}
    </DropdownMenu.Item>
  );
}
