import { PanelLeftClose, Search, SquarePen } from "lucide-react";
import type { ReactNode } from "react";
import { useEffect, useEffectEvent, useRef } from "react";
import { useRoute } from "wouter";

import { keysOf } from "@/shared/commands";
import { openDialog } from "@/shared/dialogs";
import { useT } from "@/shared/i18n/i18n";
import { PLAYGROUND } from "@/shared/navigation";
import { useChat, useSession } from "@/shared/session";
import { IconButton } from "@/shared/ui/IconButton";
import { Logo } from "@/shared/ui/Logo";

import { useToday } from "./use-today";
import { ConversationRow } from "./ConversationRow";
import { FolderList } from "./FolderList";
import type { Group } from "./groups";
import { groupsOf } from "./groups";

/** How soon what follows is asked for again while the end of the list stays in view. */
const AGAIN_MS = 400;

interface SidebarProps {
  readonly onClose: () => void;
  /** Something was chosen: a drawer closes. */
  readonly onChosen: () => void;
  /** What stands at the foot. */
  readonly footer: ReactNode;
}

export function Sidebar({ onClose, onChosen, footer }: SidebarProps) {
  const t = useT();
  const session = useSession();
  const [isElsewhere] = useRoute(PLAYGROUND);
  const isNew = useChat((state) => state.open === null) && !isElsewhere;
  return (
    <div className="flex h-full flex-col bg-floor pb-[env(safe-area-inset-bottom)]">
      <div className="flex h-14 shrink-0 items-center justify-between pr-2.5 pl-4">
        <span className="flex items-center gap-2.5 text-[17px] font-semibold tracking-tight">
          <Logo className="size-7" />
          {t("app.name")}
        </span>
        <IconButton label={t("app.closeSidebar")} onClick={onClose}>
          <PanelLeftClose />
        </IconButton>
      </div>
      <div className="px-2.5 pb-2">
        <button
          type="button"
          aria-current={isNew ? "page" : undefined}
          onClick={() => {
            session.newChat();
            onChosen();
          }}
          className="flex h-10 w-full items-center gap-2.5 rounded-lg px-2.5 text-sm font-medium transition-colors hover:bg-hover"
        >
          <SquarePen className="size-[18px] text-wood" aria-hidden />
          {t("app.newChat")}
        </button>
        <button
          type="button"
          aria-keyshortcuts="Control+K Meta+K"
          onClick={() => {
            openDialog({ kind: "palette" });
            onChosen();
          }}
          className="group flex h-10 w-full items-center gap-2.5 rounded-lg px-2.5 text-sm transition-colors hover:bg-hover"
        >
          <Search className="size-[18px] text-ink-soft" aria-hidden />
          <span className="flex-1 text-left">{t("find.open")}</span>
          <kbd className="font-sans text-xs text-ink-soft pointer-coarse:hidden" aria-hidden>
            {keysOf("K")}
          </kbd>
        </button>
      </div>
      <nav aria-label={t("app.sidebar")} className="min-h-0 flex-1 overflow-y-auto px-2.5 pb-4">
        <List onChosen={onChosen} />
      </nav>
      <div className="shrink-0 border-t px-2.5 py-2">{footer}</div>
    </div>
  );
}

function List({ onChosen }: { onChosen: () => void }) {
  const t = useT();
  const session = useSession();
  const conversations = useChat((state) => state.conversations);
  const listState = useChat((state) => state.listState);
  const today = useToday();
  const hasMore = useChat((state) => state.hasMore);
  const hasFolders = useChat((state) => state.folders.length > 0);
  if (listState === "failed") {
    return (
      <div className="px-2.5 py-3 text-sm text-ink-soft">
        <p>{t("list.failed")}</p>
        <button type="button" className="mt-1 underline" onClick={() => void session.list.load()}>
          {t("list.again")}
        </button>
      </div>
    );
  }
  if (conversations.length === 0 && !hasFolders) {
    return listState === "loading" ? null : (
      <p className="px-2.5 py-3 text-sm text-ink-soft">{t("list.empty")}</p>
    );
  }
  const [pinned, others] = pinnedFirst(groupsOf(conversations, today));
  return (
    <>
      {pinned.map((group) => (
        <Section key={group.name} group={group} onChosen={onChosen} />
      ))}
      <FolderList onChosen={onChosen} />
      {others.map((group) => (
        <Section key={group.name} group={group} onChosen={onChosen} />
      ))}
      {hasMore && <More onWanted={() => session.list.loadMore()} />}
    </>
  );
}

function Section({ group, onChosen }: { group: Group; onChosen: () => void }) {
  const t = useT();
  return (
    <section aria-labelledby={`group-${group.name}`}>
      <h2 id={`group-${group.name}`} className="px-2.5 pt-4 pb-1.5 text-xs font-medium text-ink-soft">
        {t(`list.${group.name}`)}
      </h2>
      <ul>
        {group.conversations.map((one) => (
          <ConversationRow key={one.id} conversation={one} onChosen={onChosen} />
        ))}
      </ul>
    </section>
  );
}

/** Folders stand between the two. */
function pinnedFirst(groups: readonly Group[]): [readonly Group[], readonly Group[]] {
  const isFirst = groups[0]?.name === "pinned";
  return isFirst ? [groups.slice(0, 1), groups.slice(1)] : [[], groups];
}

/** Fetches what follows when it comes into view, or when it is pressed. */
function More({ onWanted }: { onWanted: () => Promise<void> }) {
  const t = useT();
  const button = useRef<HTMLButtonElement>(null);
  const want = useEffectEvent(onWanted);
  // Synchronises the list with the reader's scrolling. It is asked again while it stays in view.
  useEffect(() => {
    const place = button.current;
    if (place === null) return undefined;
    let isInView = false;
    let timer: ReturnType<typeof setTimeout> | undefined = undefined;
    const ask = async (): Promise<void> => {
      timer = undefined;
      if (!isInView) return;
      await want();
      timer = setTimeout(() => void ask(), AGAIN_MS);
    };
    const views = new IntersectionObserver(
      (entries) => {
        isInView = entries.at(-1)?.isIntersecting === true;
        if (isInView && timer === undefined) void ask();
      },
      { root: place.closest("nav"), rootMargin: "400px" },
    );
    views.observe(place);
    return () => {
      isInView = false;
      views.disconnect();
    };
  }, []);
  return (
    <button
      ref={button}
      type="button"
      className="mt-2 h-9 w-full rounded-lg px-2.5 text-left text-sm text-ink-soft hover:bg-hover"
      onClick={() => void onWanted()}
    >
      {t("list.more")}
    </button>
  );
}
