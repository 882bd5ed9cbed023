import { Check, Copy, Download, TextCursorInput } from "lucide-react";
import { useEffect, useState } from "react";

import { closeDialog, forgetOpener } from "@/shared/dialogs";
import type { Source } from "@/shared/files/use-content";
import { useContent } from "@/shared/files/use-content";
import { sizeOf } from "@/shared/files/size";
import { useSpeech } from "@/shared/i18n/i18n";
import { insertWords } from "@/shared/insert";
import { saveFile } from "@/shared/save-file";
import { useSession } from "@/shared/session";
import { TextButton } from "@/shared/ui/TextButton";
import { Window } from "@/shared/ui/Window";
import { useCopy } from "@/shared/use-copy";

/** Characters that are shown; more would make the page slow. */
const SHOWN_CHARS = 100_000;

/** The words of a text file, to be read, copied, saved, and for one that was not sent put into the message instead. */
export default function TextFileDialog({
  name,
  draft,
  file,
  content,
}: { readonly name: string; readonly draft: string | null } & Source) {
  const { t, locale } = useSpeech();
  const session = useSession();
  const { blob, trouble } = useContent({ file, content });
  const text = useText(blob);
  const copy = useCopy();
  const title = name || t("attach.fileUnnamed");
  function putInline(words: string, id: string): void {
    const { open } = session.store.getState();
    session.attaching.remove(open, id);
    forgetOpener();
    closeDialog();
    // The dialog keeps the focus until it is gone.
    setTimeout(() => insertWords(words));
  }
  return (
    <Window title={title} lead={blob === null ? undefined : sizeOf(blob.size, locale)}>
      {text === null ? (
        <p role="status" className="py-6 text-sm text-ink-soft">
          {t(trouble === null ? "attach.loading" : `attach.${trouble}`)}
        </p>
      ) : (
        <>
          <div className="mb-3 -ml-2 flex flex-wrap gap-1">
            {draft !== null && (
              <TextButton onClick={() => putInline(text, draft)}>
                <TextCursorInput aria-hidden />
                {t("attach.pastedInline")}
              </TextButton>
            )}
            <TextButton onClick={() => copy.run(text)}>
              {copy.isDone ? <Check aria-hidden /> : <Copy aria-hidden />}
              {t(copy.isDone ? "attach.copied" : "attach.copy")}
            </TextButton>
            <TextButton onClick={() => blob !== null && saveFile(title, blob)}>
              <Download aria-hidden />
              {t("attach.download")}
            </TextButton>
          </div>
          <pre className="rounded-xl border bg-[var(--code)] p-3.5 font-mono text-[0.8125rem] leading-relaxed whitespace-pre-wrap">
            {text.slice(0, SHOWN_CHARS)}
          </pre>
          {text.length > SHOWN_CHARS && <p className="mt-2 text-sm text-ink-soft">{t("attach.cut")}</p>}
        </>
      )}
    </Window>
  );
}

/** Synchronises with the reading of the bytes. */
function useText(blob: Blob | null): string | null {
  const [read, setRead] = useState<{ readonly of: Blob; readonly text: string } | null>(null);
  useEffect(() => {
    if (blob === null) return undefined;
    let isLeft = false;
    void blob.text().then((text) => !isLeft && setRead({ of: blob, text }));
    return () => {
      isLeft = true;
    };
  }, [blob]);
  return read !== null && read.of === blob ? read.text : null;
}
