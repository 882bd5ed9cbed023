import { Braces, FileText, Printer } from "lucide-react";
import type { ReactNode } from "react";

import { titleOf } from "@/core/state";
import { closeDialog, closerOfThis } from "@/shared/dialogs";
import { useSpeech } from "@/shared/i18n/i18n";
import { saveFile } from "@/shared/save-file";
import { useChat, useSession } from "@/shared/session";
import { Trouble } from "@/shared/ui/Trouble";
import { Window } from "@/shared/ui/Window";
import { useAttempt } from "@/shared/use-attempt";

/** One conversation, to be taken away as a file or on paper. */
export default function ExportDialog({ conversation }: { conversation: string }) {
  const { locale, t } = useSpeech();
  const { moving } = useSession();
  const title = useChat((state) => titleOf(state, conversation)) ?? t("list.untitled");
  const isOpen = useChat((state) => state.open === conversation);
  const attempt = useAttempt();
  async function save(format: "json" | "markdown"): Promise<void> {
    const close = closerOfThis();
    const isSaved = await attempt.run(async () => {
      const file = await moving.exportOne(conversation, format, title, locale);
      saveFile(file.name, file.content);
    });
    if (isSaved) close();
  }
  return (
    <Window title={t("export.title")} lead={title}>
      <div className="space-y-2">
        <Way icon={<FileText />} name={t("export.markdown")} onPick={() => void save("markdown")}>
          {t("export.markdownHelp")}
        </Way>
        <Way icon={<Braces />} name={t("export.json")} onPick={() => void save("json")}>
          {t("export.jsonHelp")}
        </Way>
        {isOpen && (
          <Way icon={<Printer />} name={t("export.print")} onPick={printPage}>
            {t("export.printHelp")}
          </Way>
        )}
      </div>
      {attempt.error !== null && (
        <div className="mt-3">
          <Trouble what={t("export.failed")} error={attempt.error} />
        </div>
      )}
    </Window>
  );
}

function printPage(): void {
  closeDialog();
  // After the dialog is gone from the page.
  setTimeout(() => window.print(), 100);
}

interface WayProps {
  readonly icon: ReactNode;
  readonly name: string;
  readonly onPick: () => void;
  readonly children: ReactNode;
}

function Way({ icon, name, onPick, children }: WayProps) {
  return (
    <button
      type="button"
      className="flex w-full items-start gap-3 rounded-xl border bg-paper px-3.5 py-3 text-left transition-colors hover:bg-hover [&>svg]:mt-0.5 [&>svg]:size-[18px] [&>svg]:shrink-0 [&>svg]:text-wood"
      onClick={onPick}
    >
      {icon}
      <span>
        <span className="block text-sm font-medium">{name}</span>
        <span className="mt-0.5 block text-sm leading-relaxed text-ink-soft">{children}</span>
      </span>
    </button>
  );
}
