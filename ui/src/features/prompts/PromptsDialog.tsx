import { History, LoaderCircle, Pencil, Plus, Trash2 } from "lucide-react";
import { AlertDialog } from "radix-ui";
import { useEffect, useRef, useState } from "react";

import type { WirePrompt } from "@/core/wire";
import { useT } from "@/shared/i18n/i18n";
import { useChat, useSession } from "@/shared/session";
import { Confirm } from "@/shared/ui/Confirm";
import { IconButton } from "@/shared/ui/IconButton";
import { TextButton } from "@/shared/ui/TextButton";
import { Trouble } from "@/shared/ui/Trouble";
import { Window } from "@/shared/ui/Window";
import { useAttempt } from "@/shared/use-attempt";

import { PromptForm } from "./PromptForm";
import { takePrompt } from "./use-prompt";
import { Versions } from "./Versions";

type View =
  | { readonly kind: "list" }
  | { readonly kind: "edit"; readonly prompt: WirePrompt | null }
  | { readonly kind: "versions"; readonly prompt: WirePrompt };

/** The prompts of the person; `text` becomes a new one. */
export default function PromptsDialog({ text }: { text: string | null }) {
  const t = useT();
  const { prompts } = useSession();
  const [view, setView] = useState<View>(text === null ? { kind: "list" } : { kind: "edit", prompt: null });
  // Synchronises with what another device may have saved.
  useEffect(() => void prompts.load(), [prompts]);
  const toList = (): void => setView({ kind: "list" });
  return (
    <Window title={t("prompts.title")} lead={t("prompts.lead")}>
      {view.kind === "list" && <List onView={setView} />}
      {view.kind === "edit" && <PromptForm prompt={view.prompt} text={text ?? ""} onEnd={toList} />}
      {view.kind === "versions" && <Versions prompt={view.prompt} onEnd={toList} />}
    </Window>
  );
}

function List({ onView }: { onView: (view: View) => void }) {
  const t = useT();
  const { prompts } = useSession();
  const { state, list } = useChat((chat) => chat.prompts);
  const removing = useAttempt();
  const add = useRef<HTMLButtonElement>(null);
  async function remove(id: string): Promise<void> {
    if (await removing.run(() => prompts.remove(id))) add.current?.focus();
  }
  if (state === "loading") {
    return (
      <LoaderCircle
        role="img"
        aria-label={t("seen.loading")}
        className="mx-auto my-8 size-6 animate-spin text-wood"
      />
    );
  }
  if (state === "failed") {
    return (
      <>
        <p role="alert" className="text-sm text-danger">
          {t("prompts.loadFailed")}
        </p>
        <TextButton className="mt-1 -ml-2.5" onClick={() => void prompts.load()}>
          {t("list.again")}
        </TextButton>
      </>
    );
  }
  return (
    <>
      {list.length === 0 && <p className="py-4 text-sm text-ink-soft">{t("prompts.none")}</p>}
      <ul aria-label={t("prompts.title")} className="space-y-1.5">
        {list.map((prompt) => (
          <li
            key={prompt.id}
            className="flex items-center gap-1 rounded-xl border py-1 pr-1.5 pl-1 hover:bg-hover"
          >
            <button
              type="button"
              className="min-w-0 flex-1 rounded-lg px-2.5 py-1.5 text-left"
              onClick={() => takePrompt(prompt)}
            >
              <span className="flex items-baseline gap-2">
                <span className="truncate font-medium">{prompt.title}</span>
                <span className="shrink-0 font-mono text-xs text-wood">/{prompt.word}</span>
              </span>
              <span className="block truncate text-xs text-ink-soft">{prompt.text}</span>
            </button>
            <IconButton
              label={t("prompts.edit", { title: prompt.title })}
              size="small"
              onClick={() => onView({ kind: "edit", prompt })}
            >
              <Pencil />
            </IconButton>
            <IconButton
              label={t("prompts.versions", { title: prompt.title })}
              size="small"
              onClick={() => onView({ kind: "versions", prompt })}
            >
              <History />
            </IconButton>
            <AlertDialog.Root>
              <AlertDialog.Trigger asChild>
                <IconButton label={t("prompts.delete", { title: prompt.title })} size="small">
                  <Trash2 />
                </IconButton>
              </AlertDialog.Trigger>
              <Confirm
                title={t("prompts.deleteTitle", { title: prompt.title })}
                body={t("prompts.deleteBody")}
                keep={t("prompts.deleteKeep")}
                confirm={t("prompts.deleteNow")}
                onConfirm={() => void remove(prompt.id)}
              />
            </AlertDialog.Root>
          </li>
        ))}
      </ul>
      {removing.error !== null && <Trouble what={t("prompts.failed")} error={removing.error} />}
      <TextButton ref={add} className="mt-2 -ml-2.5" onClick={() => onView({ kind: "edit", prompt: null })}>
        <Plus aria-hidden />
        {t("prompts.new")}
      </TextButton>
    </>
  );
}
