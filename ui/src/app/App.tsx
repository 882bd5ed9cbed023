import { PanelLeftOpen, Search, SquarePen } from "lucide-react";
import { Dialog, Tooltip } from "radix-ui";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { useRoute, useSearch } from "wouter";

import { isRunning, isTemporaryNow, openThread, titleOf } from "@/core/state";
import { KeyGate } from "@/features/access/KeyGate";
import { ComparedModels } from "@/features/comparing/ComparedModels";
import { ChatSettingsButton } from "@/features/composer/ChatSettingsButton";
import { AttachButton } from "@/features/composer/AttachButton";
import { Composer } from "@/features/composer/Composer";
import { ContextMeter } from "@/features/composer/ContextMeter";
import { DropTarget } from "@/features/composer/DropTarget";
import { ConnectionBanner } from "@/features/connection/ConnectionBanner";
import { LiveRegion } from "@/features/connection/LiveRegion";
import { NewVersion } from "@/features/connection/NewVersion";
import { ArchivedNotice } from "@/features/conversations/ArchivedNotice";
import { Sidebar } from "@/features/conversations/Sidebar";
import { TemporaryButton } from "@/features/conversations/TemporaryButton";
import { UndoToast } from "@/features/conversations/UndoToast";
import { ModelPicker } from "@/features/models/ModelPicker";
import { SettingsMenu } from "@/features/settings/SettingsMenu";
import { ThreadNotice } from "@/features/thread/ThreadNotice";
import { UndoBar } from "@/features/thread/UndoBar";
import { Greeting, Suggestions } from "@/features/welcome/Welcome";
import { classes } from "@/shared/classes";
import { openDialog } from "@/shared/dialogs";
import { useT } from "@/shared/i18n/i18n";
import { COMPOSER_ID, focusBox } from "@/shared/insert";
import { NARROW, useMedia } from "@/shared/media";
import { itemIn, PLAYGROUND } from "@/shared/navigation";
import { useChat, useSession } from "@/shared/session";
import { stopReading } from "@/shared/read-aloud";
import { perBrowser, recall, remember } from "@/shared/storage";
import { leaveEscapeInside } from "@/shared/ui/escape";
import { IconButton } from "@/shared/ui/IconButton";

import { useCommandList } from "./commands";
import { copyLast, lastCodeIn, readLast, wholeText } from "./last-answer";
import { Dialogs } from "./Dialogs";
import { useShortcuts } from "./shortcuts";

/** Messages and everything that draws them: fetched with a conversation, or when somebody begins to write. */
const loadThread = () => import("@/features/thread/Thread");
const Thread = lazy(loadThread);
if (location.pathname.startsWith("/c/")) void loadThread();

/** What models go on with, for those who want that. */
const Playground = lazy(() => import("@/features/playground/Playground"));

const SIDEBAR_KEY = "maru.sidebar";

export function App() {
  const access = useChat((state) => state.access);
  return access.kind === "open" ? <House /> : <KeyGate access={access} />;
}

function House() {
  const t = useT();
  useOpenByAddress();
  useTabTitle();
  const sidebar = useSidebar();
  useCommands(sidebar.toggle);
  const commands = useCommandList(sidebar);
  const [isPlayground] = useRoute(PLAYGROUND);
  return (
    <Tooltip.Provider delayDuration={500}>
      <div className="flex h-dvh overflow-hidden">
        <a href={`#${COMPOSER_ID}`} className="skip-link">
          {t("app.skip")}
        </a>
        <SidebarPlace sidebar={sidebar} />
        <main className="relative flex min-w-0 flex-1 flex-col">
          <TopBar sidebar={sidebar} isPlayground={isPlayground} />
          {isPlayground ? (
            <Suspense fallback={<ThreadNotice state="loading" />}>
              <Playground />
            </Suspense>
          ) : (
            <Room />
          )}
          <ConnectionBanner />
          <NewVersion />
          <LiveRegion />
          <UndoToast />
          {!isPlayground && <DropTarget />}
        </main>
        <Dialogs commands={commands} />
      </div>
    </Tooltip.Provider>
  );
}

interface SidebarState {
  readonly isDrawer: boolean;
  readonly isOpen: boolean;
  readonly toggle: () => void;
  readonly close: () => void;
}

/** On a wide page the sidebar stands beside the messages and stays as it was left; on a phone it is a drawer. */
function useSidebar(): SidebarState {
  const isDrawer = useMedia(NARROW);
  const [isDrawerOpen, setDrawerOpen] = useState(false);
  const [isDocked, setDocked] = useState(() => recall(perBrowser, SIDEBAR_KEY) !== "closed");
  const dock = useCallback((open: boolean) => {
    remember(perBrowser, SIDEBAR_KEY, open ? null : "closed");
    setDocked(open);
  }, []);
  return useMemo(
    () =>
      isDrawer
        ? {
            isDrawer,
            isOpen: isDrawerOpen,
            toggle: () => setDrawerOpen(!isDrawerOpen),
            close: () => setDrawerOpen(false),
          }
        : { isDrawer, isOpen: isDocked, toggle: () => dock(!isDocked), close: () => dock(false) },
    [isDrawer, isDrawerOpen, isDocked, dock],
  );
}

function SidebarPlace({ sidebar }: { sidebar: SidebarState }) {
  const t = useT();
  if (!sidebar.isDrawer) {
    return (
      <aside
        aria-label={t("app.sidebarPlace")}
        className={classes(
          "shrink-0 overflow-hidden border-r transition-[width] duration-200 ease-calm",
          sidebar.isOpen ? "w-68" : "w-0 border-r-0",
        )}
        inert={!sidebar.isOpen}
      >
        <div className="h-full w-68">
          <Sidebar onClose={sidebar.close} onChosen={noop} footer={<SettingsMenu onChosen={noop} />} />
        </div>
      </aside>
    );
  }
  return (
    <Dialog.Root open={sidebar.isOpen} onOpenChange={(open) => !open && sidebar.close()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-y-0 left-0 z-40 w-[min(19rem,85vw)] shadow-card outline-none"
          style={{ animation: "slide-in 0.22s var(--ease-calm)" }}
          // The first button would get the focus, and its tooltip would open.
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            (event.currentTarget as HTMLElement).focus();
          }}
          onEscapeKeyDown={leaveEscapeInside}
        >
          <Dialog.Title className="sr-only">{t("app.sidebar")}</Dialog.Title>
          <Sidebar
            onClose={sidebar.close}
            onChosen={sidebar.close}
            footer={<SettingsMenu onChosen={sidebar.close} />}
          />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function noop(): void {
  // A docked sidebar stays where it is.
}

function TopBar({ sidebar, isPlayground }: { sidebar: SidebarState; isPlayground: boolean }) {
  const t = useT();
  const session = useSession();
  const title = useTitle();
  const isNew = useChat((state) => state.open === null) && !isPlayground;
  const hasButtons = sidebar.isDrawer || !sidebar.isOpen;
  return (
    <header className="flex h-14 shrink-0 items-center gap-1 px-2.5 pt-[env(safe-area-inset-top)]">
      {hasButtons && (
        <IconButton label={t("app.openSidebar")} aria-expanded={sidebar.isOpen} onClick={sidebar.toggle}>
          <PanelLeftOpen />
        </IconButton>
      )}
      {isNew ? (
        <span className="flex-1" />
      ) : (
        <h1 className="min-w-0 flex-1 truncate px-2 text-sm font-medium text-ink-soft max-md:text-center">
          {title}
        </h1>
      )}
      {!isPlayground && <TemporaryButton />}
      {hasButtons && (
        <IconButton label={t("find.open")} onClick={() => openDialog({ kind: "palette" })}>
          <Search />
        </IconButton>
      )}
      {hasButtons && (
        <IconButton label={t("app.newChat")} onClick={() => session.newChat()}>
          <SquarePen />
        </IconButton>
      )}
    </header>
  );
}

/** Messages and the box; in a conversation that has not begun the box stands in the middle, under the greeting. */
function Room() {
  const t = useT();
  const open = useChat((state) => state.open);
  const condition = useChat((state) =>
    state.open === null ? "ready" : (state.threads[state.open]?.state ?? "loading"),
  );
  // The key of the first message outlives the change from our own id to the server's.
  const name = useChat((state) => {
    const thread = openThread(state);
    const root = thread.roots[0];
    return (root === undefined ? undefined : thread.nodes[root]?.key) ?? state.open ?? "new";
  });
  const isNew = open === null;
  const isReadable = condition === "ready" || condition === "copy";
  return (
    <>
      {isNew && (
        <div className="flex min-h-0 flex-1 flex-col justify-center pb-8 md:justify-end">
          <Greeting />
        </div>
      )}
      {!isNew && isReadable && (
        <Suspense fallback={<ThreadNotice state="loading" />}>
          <Thread key={name} name={name} />
        </Suspense>
      )}
      {!isNew && !isReadable && <ThreadNotice state={condition} />}
      <div
        className={classes("column w-full shrink-0", !isNew && "pb-[env(safe-area-inset-bottom)]")}
        onFocus={() => void loadThread()}
      >
        {isNew && (
          <div className="pb-4 md:hidden">
            <Suggestions />
          </div>
        )}
        <ArchivedNotice />
        <Composer
          tools={
            <>
              <AttachButton />
              <ModelPicker />
              <ChatSettingsButton />
            </>
          }
          gauge={<ContextMeter />}
          above={
            <>
              <UndoBar />
              <ComparedModels />
            </>
          }
        />
        <p className={classes("py-2.5 text-center text-xs text-ink-soft", isNew && "md:hidden")}>
          {t("composer.note")}
        </p>
      </div>
      {isNew && (
        <div className="column hidden w-full flex-[1.35] flex-col pt-6 pb-3 md:flex">
          <Suggestions />
          <p className="mt-auto text-center text-xs text-ink-soft">{t("composer.note")}</p>
        </div>
      )}
    </>
  );
}

/** Synchronises the open conversation with the address. */
function useOpenByAddress(): void {
  const session = useSession();
  const [isConversation, params] = useRoute("/c/:id");
  const id = isConversation ? params.id : null;
  const item = itemIn(useSearch());
  // A chat that has no address yet is left, too, by going there.
  const [isPlayground] = useRoute(PLAYGROUND);
  useEffect(() => session.open(id, item), [session, id, item, isPlayground]);
  // What is read aloud is not heard in another chat, where nothing would stop it.
  useEffect(() => stopReading, [id]);
}

function useTitle(): string {
  const t = useT();
  const title = useChat((state) => titleOf(state, state.open));
  const isOff = useChat(isTemporaryNow);
  const [isPlayground] = useRoute(PLAYGROUND);
  if (isPlayground) return t("playground.title");
  // The browser keeps the titles of tabs, and of this chat nothing is to be kept.
  return isOff ? t("temporary.title") : (title ?? t("list.untitled"));
}

/** Synchronises the tab's title. */
function useTabTitle(): void {
  const t = useT();
  const title = useTitle();
  const [isPlayground] = useRoute(PLAYGROUND);
  const isNew = useChat((state) => state.open === null) && !isPlayground;
  const name = t("app.name");
  useEffect(() => {
    document.title = isNew ? name : `${title} · ${name}`;
  }, [isNew, title, name]);
}

function useCommands(toggleSidebar: () => void): void {
  const session = useSession();
  const commands = useMemo(
    () => ({
      newChat: () => {
        session.newChat();
        focusBox();
      },
      search: () => openDialog({ kind: "palette" }),
      toggleSidebar,
      deleteChat: () => {
        const { open } = session.store.getState();
        if (open === null) return false;
        session.list.remove(open);
        return true;
      },
      focusBox,
      temporary: () => {
        session.newChat();
        session.setTemporary(true);
        focusBox();
      },
      help: () => openDialog({ kind: "shortcuts" }),
      copyAnswer: () => copyLast(session, wholeText),
      readAloud: () => readLast(session),
      copyCode: () => copyLast(session, lastCodeIn),
      stop: () => {
        const state = session.store.getState();
        if (!isRunning(state, state.open)) return false;
        session.stop();
        return true;
      },
    }),
    [session, toggleSidebar],
  );
  useShortcuts(commands);
}
