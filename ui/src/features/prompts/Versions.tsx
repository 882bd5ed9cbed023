import { ArrowLeft, LoaderCircle } from "lucide-react";
import { useEffect, useState } from "react";

import { changesBetween } from "@/core/prompt-text";
import type { WirePrompt, WirePromptVersion } from "@/core/wire";
import { classes } from "@/shared/classes";
import { useSpeech } from "@/shared/i18n/i18n";
import { useSession } from "@/shared/session";
import { TextButton } from "@/shared/ui/TextButton";
import { Trouble } from "@/shared/ui/Trouble";
import { useAttempt } from "@/shared/use-attempt";

/** Every version of a prompt, newest first, with what changed; an older one can be brought back as a new one. */
export function Versions({ prompt, onEnd }: { prompt: WirePrompt; onEnd: () => void }) {
  const { locale, t } = useSpeech();
  const { prompts } = useSession();
  const [versions, setVersions] = useState<readonly WirePromptVersion[] | null>(null);
  const attempt = useAttempt();
  const load = (): Promise<boolean> =>
    attempt.run(async () => setVersions(await prompts.versions(prompt.id)));
  // Synchronises with the server, once.
  // oxlint-disable-next-line react/exhaustive-deps -- another prompt is another element
  useEffect(() => void load(), []);
  const date = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  async function restore({ title, word, text }: WirePromptVersion): Promise<void> {
    if (await attempt.run(() => prompts.save(prompt.id, { title, word, text }))) onEnd();
  }
  return (
    <section aria-label={t("prompts.versions", { title: prompt.title })}>
      <TextButton className="mb-2 -ml-2.5" onClick={onEnd}>
        <ArrowLeft aria-hidden />
        {t("prompts.back")}
      </TextButton>
      {versions === null && attempt.error === null && (
        <LoaderCircle
          role="img"
          aria-label={t("seen.loading")}
          className="mx-auto my-8 size-6 animate-spin text-wood"
        />
      )}
      {attempt.error !== null && <Trouble what={t("prompts.failed")} error={attempt.error} />}
      <ol className="space-y-3">
        {(versions ?? []).map((version, index) => (
          <li key={version.version} className="rounded-xl border px-3.5 py-2.5">
            <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
              <h3 className="font-medium">{t("prompts.version", { number: version.version })}</h3>
              <span className="text-xs text-ink-soft">{date.format(version.created_at * 1000)}</span>
              {index > 0 && (
                <TextButton
                  className="ml-auto"
                  disabled={attempt.isBusy}
                  onClick={() => void restore(version)}
                >
                  {t("prompts.restore", { number: version.version })}
                </TextButton>
              )}
            </div>
            <Words version={version} before={versions?.[index + 1]} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Words({ version, before }: { version: WirePromptVersion; before: WirePromptVersion | undefined }) {
  const { t } = useSpeech();
  const lines = changesBetween(before === undefined ? version.text : before.text, version.text);
  return (
    <>
      <p className="text-sm text-ink-soft">
        {before !== undefined && nameOf(before) !== nameOf(version) && (
          <del className="mr-2">{nameOf(before)}</del>
        )}
        {nameOf(version)}
      </p>
      <div className="mt-1.5 overflow-hidden rounded-lg border text-sm leading-relaxed whitespace-pre-wrap">
        {lines.map(({ kind, text }, index) => (
          <div
            // oxlint-disable-next-line react/no-array-index-key -- lines that never move
            key={index}
            className={classes(
              "flex gap-2 px-2.5",
              kind === "added" && "bg-wood-soft",
              kind === "removed" && "bg-danger-soft line-through",
            )}
          >
            <span aria-hidden className="w-3 shrink-0 font-mono">
              {kind === "added" ? "+" : kind === "removed" ? "−" : ""}
            </span>
            {kind !== "same" && (
              <span className="sr-only">{t(kind === "added" ? "prompts.added" : "prompts.removed")}</span>
            )}
            <span className="min-w-0 flex-1 wrap-break-word">{text || " "}</span>
          </div>
        ))}
      </div>
    </>
  );
}

function nameOf({ title, word }: WirePromptVersion): string {
  return `${title} /${word}`;
}
