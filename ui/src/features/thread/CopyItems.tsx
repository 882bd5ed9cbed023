import { FileText, Hash } from "lucide-react";

import { copyText } from "@/shared/clipboard";
import { useT } from "@/shared/i18n/i18n";
import { plainText } from "@/shared/markdown/plain-text";

import { MoreItem } from "./MoreMenu";

/** Copying an answer as the model wrote it, or as words alone. */
export function CopyItems({ text }: { text: string }) {
  const t = useT();
  return (
    <>
      <MoreItem icon={<Hash />} label={t("message.copyMarkdown")} onSelect={() => void copyText(text)} />
      <MoreItem
        icon={<FileText />}
        label={t("message.copyPlain")}
        onSelect={() => void copyText(plainText(text))}
      />
    </>
  );
}
