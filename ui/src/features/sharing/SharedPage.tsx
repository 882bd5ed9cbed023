import { Tooltip } from "radix-ui";
import { useEffect, useState } from "react";

import type { WireShared, WireSharedMessage } from "@/core/wire";
import { useSpeech, useT } from "@/shared/i18n/i18n";
import { Markdown } from "@/shared/markdown/Markdown";
import { Logo } from "@/shared/ui/Logo";

type Condition =
  | { readonly kind: "loading" | "missing" | "tooMany" | "failed" }
  | { readonly kind: "ready"; readonly shared: WireShared };

/** What somebody showed by a link: to be read by anybody, without a session and without anything to press. */
export default function SharedPage({ token }: { token: string }) {
  const condition = useShared(token);
  return (
    <Tooltip.Provider delayDuration={500}>
      <div className="flex h-dvh flex-col overflow-y-auto">
        <Head />
        <main className="column w-full flex-1 pb-12">
          {condition.kind === "ready" ? (
            <Shared shared={condition.shared} />
          ) : (
            <Notice kind={condition.kind} />
          )}
        </main>
      </div>
    </Tooltip.Provider>
  );
}

/** Synchronises with the server, once. */
function useShared(token: string): Condition {
  const [condition, setCondition] = useState<Condition>({ kind: "loading" });
  useEffect(() => {
    const asking = new AbortController();
    async function ask(): Promise<void> {
      try {
        const answer = await fetch(`/v1/shared/${encodeURIComponent(token)}`, { signal: asking.signal });
        if (answer.ok) setCondition({ kind: "ready", shared: (await answer.json()) as WireShared });
        else if (answer.status === 404) setCondition({ kind: "missing" });
        else setCondition({ kind: answer.status === 429 ? "tooMany" : "failed" });
      } catch {
        if (!asking.signal.aborted) setCondition({ kind: "failed" });
      }
    }
    void ask();
    return () => asking.abort();
  }, [token]);
  return condition;
}

function Head() {
  const t = useT();
  return (
    <header className="column flex w-full items-center gap-2.5 pt-[max(1rem,env(safe-area-inset-top))] pb-2">
      <Logo className="size-7" />
      <span className="font-semibold">{t("app.name")}</span>
      <span className="text-sm text-ink-soft">{t("shared.label")}</span>
    </header>
  );
}

function Notice({ kind }: { kind: Exclude<Condition["kind"], "ready"> }) {
  const t = useT();
  return (
    <p role={kind === "loading" ? "status" : "alert"} className="py-24 text-center text-ink-soft">
      {t(`shared.${kind}`)}
    </p>
  );
}

function Shared({ shared }: { shared: WireShared }) {
  const { locale, t } = useSpeech();
  const title = shared.title ?? t("list.untitled");
  const name = t("app.name");
  // Synchronises the tab's title.
  useEffect(() => {
    document.title = `${title} · ${name}`;
  }, [title, name]);
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "long" }).format(
    new Date(shared.created_at * 1000),
  );
  return (
    <>
      <h1 className="pt-4 text-2xl leading-snug font-semibold">{title}</h1>
      <p className="mt-1.5 border-b pb-5 text-sm text-ink-soft">{t("shared.when", { day })}</p>
      <div className="pt-3">
        {shared.messages.map((message, index) => (
          // Nothing is ever put in between.
          // oxlint-disable-next-line react/no-array-index-key
          <Message key={index} message={message} />
        ))}
      </div>
      <p className="mt-8 border-t pt-4 text-center text-xs text-ink-soft">{t("shared.note")}</p>
    </>
  );
}

function Message({ message }: { message: WireSharedMessage }) {
  const t = useT();
  const { pictures = 0, files = 0 } = message;
  const left =
    pictures + files > 0 ? (
      <p className="text-sm text-ink-soft">{t("shared.left", { count: pictures + files })}</p>
    ) : null;
  if (message.role === "assistant") {
    return (
      <article className="py-3" data-role="assistant">
        <h2 className="sr-only">{t("shared.model")}</h2>
        <Markdown text={message.text} />
        {left}
      </article>
    );
  }
  return (
    <article className="flex flex-col items-end py-3" data-role="user">
      <h2 className="sr-only">{t("shared.person")}</h2>
      <div className="max-w-[85%] rounded-3xl rounded-br-lg bg-wood-soft px-4.5 py-2.5 text-base leading-relaxed whitespace-pre-wrap">
        {left}
        {message.text}
      </div>
    </article>
  );
}
