import { LoaderCircle, MessageSquare, Search } from "lucide-react";
import { Dialog } from "radix-ui";
import type { KeyboardEvent } from "react";
import { useEffect, useId, useMemo, useRef, useState } from "react";

import type { Part } from "@/core/finding";
import { wordsOf } from "@/core/finding";
import { classes } from "@/shared/classes";
import type { Command } from "@/shared/commands";
import { closeDialog, focusOpener } from "@/shared/dialogs";
import { en } from "@/shared/i18n/en";
import { useSpeech } from "@/shared/i18n/i18n";
import { isForIme } from "@/shared/ime";
import { useChat, useSession } from "@/shared/session";
import { leaveEscapeInside } from "@/shared/ui/escape";

import type { Option } from "./options";
import { groupsFor } from "./options";
import { useFound } from "./use-found";

/** As many characters the server looks for. */
const MOST_CHARS = 200;

/** Finds conversations, messages and commands by their words, all by keyboard. */
export default function Palette({ commands }: { commands: readonly Command[] }) {
  const { t } = useSpeech();
  /** What was chosen takes the focus somewhere itself. */
  const hasChosen = useRef(false);
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && closeDialog()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay z-50" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-3 left-1/2 z-50 flex max-h-[calc(100dvh-1.5rem)] w-[min(40rem,calc(100vw-1.5rem))] -translate-x-1/2 flex-col overflow-hidden rounded-2xl border bg-card shadow-card outline-none md:top-[12vh] md:max-h-[min(34rem,76vh)]"
          onEscapeKeyDown={leaveEscapeInside}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (!hasChosen.current) focusOpener();
          }}
        >
          <Dialog.Title className="sr-only">{t("find.title")}</Dialog.Title>
          <Finder
            commands={commands}
            onChosen={() => {
              hasChosen.current = true;
              closeDialog();
            }}
          />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Finder({ commands, onChosen }: { commands: readonly Command[]; onChosen: () => void }) {
  const { t } = useSpeech();
  const session = useSession();
  const list = useId();
  const [query, setQuery] = useState("");
  /** What is pointed at, by its name: what comes from the server must not push it away. Null: the first. */
  const [active, setActive] = useState<string | null>(null);
  const conversations = useChat((state) => state.conversations);
  const words = useMemo(() => wordsOf(query), [query]);
  const found = useFound(query.trim());
  const { hits, hasMore, more } = found;
  const groups = useMemo(
    () =>
      groupsFor({
        words,
        conversations,
        hits,
        hasMore,
        commands,
        namesOf: (command) => [t(command.name), en[command.name]],
        untitled: t("list.untitled"),
      }),
    [words, conversations, hits, hasMore, commands, t],
  );
  const options = groups.flatMap((group) => group.options);
  const at = Math.max(
    0,
    options.findIndex((option) => option.id === active),
  );
  const isEmpty = options.length === 0 && found.state !== "loading";

  function choose(option: Option | undefined): void {
    if (option === undefined) return;
    if (option.kind === "more") {
      more();
      return;
    }
    onChosen();
    if (option.kind === "command") option.command.run();
    else if (option.kind === "chat") session.goTo(option.id);
    else if (option.hit.item !== null) session.seeking.show(option.hit.conversation, option.hit.item, words);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (isForIme(event.nativeEvent)) return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 5, PageUp: -5 }[event.key];
    if (step !== undefined && options.length > 0) {
      event.preventDefault();
      const next = at + step;
      const isLeap = Math.abs(step) > 1;
      const last = options.length - 1;
      const place = isLeap ? Math.max(0, Math.min(last, next)) : (next + options.length) % options.length;
      setActive(options[place]?.id ?? null);
    }
    if (event.key === "Enter") {
      event.preventDefault();
      choose(options[at]);
    }
  }

  return (
    <>
      <div className="flex items-center gap-3 border-b px-4.5">
        {found.state === "loading" ? (
          <LoaderCircle className="size-[18px] animate-spin text-wood" aria-hidden />
        ) : (
          <Search className="size-[18px] text-ink-soft" aria-hidden />
        )}
        <input
          type="text"
          role="combobox"
          aria-label={t("find.title")}
          aria-expanded={options.length > 0}
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={options.length > 0 ? `${list}-${at}` : undefined}
          autoComplete="off"
          spellCheck={false}
          maxLength={MOST_CHARS}
          placeholder={t("find.placeholder")}
          value={query}
          className="h-13 min-w-0 flex-1 bg-transparent text-base outline-none"
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setActive(null);
          }}
          onKeyDown={onKeyDown}
        />
        <Dialog.Close className="rounded-md border px-1.5 py-0.5 text-xs text-ink-soft hover:bg-hover pointer-coarse:px-3 pointer-coarse:py-2">
          {t("dialog.close")}
        </Dialog.Close>
      </div>
      <div id={list} role="listbox" aria-label={t("find.results")} className="min-h-0 overflow-y-auto p-2">
        {groups.map((group) => (
          <div key={group.name} role="group" aria-labelledby={`${list}-${group.name}`}>
            <div
              id={`${list}-${group.name}`}
              role="presentation"
              className="px-2.5 pt-2 pb-1 text-xs font-medium text-ink-soft"
            >
              {t(`find.${group.name}`)}
            </div>
            {group.options.map((option) => {
              const place = options.indexOf(option);
              return (
                <Row
                  key={`${option.kind} ${option.id}`}
                  id={`${list}-${place}`}
                  option={option}
                  isActive={place === at}
                  onPoint={() => setActive(option.id)}
                  onChoose={() => choose(option)}
                />
              );
            })}
          </div>
        ))}
      </div>
      {isEmpty && (
        <p className="px-4.5 pt-1 pb-6 text-center text-sm text-ink-soft">
          {found.state === "failed" ? t("find.failed") : t("find.none")}
        </p>
      )}
      <p role="status" className="sr-only">
        {words.length > 0 && found.state === "ready" && t("find.count", { count: options.length })}
      </p>
    </>
  );
}

interface RowProps {
  readonly id: string;
  readonly option: Option;
  readonly isActive: boolean;
  readonly onPoint: () => void;
  readonly onChoose: () => void;
}

/** One thing to choose. The keyboard stays in the box: the row is only pointed at. */
function Row({ id, option, isActive, onPoint, onChoose }: RowProps) {
  const row = useRef<HTMLDivElement>(null);
  // Synchronises the list's scrolling with what is pointed at.
  useEffect(() => {
    if (isActive) row.current?.scrollIntoView({ block: "nearest" });
  }, [isActive]);
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the box has the keys
    <div
      ref={row}
      id={id}
      role="option"
      aria-selected={isActive}
      onClick={onChoose}
      onPointerMove={isActive ? undefined : onPoint}
      className={classes(
        "flex min-h-10 cursor-pointer items-center gap-3 rounded-lg px-2.5 py-2 text-sm",
        isActive && "bg-hover",
      )}
    >
      <Inside option={option} />
    </div>
  );
}

function Inside({ option }: { option: Option }) {
  const { t, locale } = useSpeech();
  switch (option.kind) {
    case "command": {
      const { icon: Icon, keys } = option.command;
      return (
        <>
          <Icon className="size-4 shrink-0 text-ink-soft" aria-hidden />
          <span className="min-w-0 flex-1 truncate">{option.label}</span>
          {keys !== undefined && (
            <kbd className="font-sans text-xs text-ink-soft pointer-coarse:hidden">{keys}</kbd>
          )}
        </>
      );
    }
    case "chat":
      return (
        <>
          <MessageSquare className="size-4 shrink-0 text-ink-soft" aria-hidden />
          <span className="min-w-0 flex-1 truncate">
            <Marked parts={option.parts} />
          </span>
        </>
      );
    case "message": {
      const { hit } = option;
      const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(new Date(hit.at * 1000));
      return (
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline gap-2 text-xs text-ink-soft">
            <span className="min-w-0 flex-1 truncate">{hit.title ?? t("list.untitled")}</span>
            <span className="shrink-0">{day}</span>
          </span>
          <span className="mt-0.5 line-clamp-2 leading-normal">
            <span className="text-ink-soft">{hit.role === "user" ? t("find.you") : t("find.model")} </span>
            <Marked parts={hit.snippet} />
          </span>
        </span>
      );
    }
    case "more":
      return <span className="text-ink-soft">{t("list.more")}</span>;
  }
}

function Marked({ parts }: { parts: readonly Part[] }) {
  let place = 0;
  return parts.map((part) => {
    const key = place;
    place += part.text.length;
    return part.match ? (
      <mark key={key} className="found">
        {part.text}
      </mark>
    ) : (
      <span key={key}>{part.text}</span>
    );
  });
}
