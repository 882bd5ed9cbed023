import { Download } from "lucide-react";

import { useT } from "@/shared/i18n/i18n";
import { saveFile } from "@/shared/save-file";
import { useSession } from "@/shared/session";
import { Trouble } from "@/shared/ui/Trouble";
import { Window } from "@/shared/ui/Window";
import { useAttempt } from "@/shared/use-attempt";

import { Arriving } from "./Arriving";

/** All conversations out, and others in. */
export default function MovingDialog() {
  const t = useT();
  return (
    <Window title={t("moving.title")}>
      <Leaving />
      <Arriving />
    </Window>
  );
}

function Leaving() {
  const t = useT();
  const { moving } = useSession();
  const attempt = useAttempt();
  async function save(): Promise<void> {
    await attempt.run(async () => {
      const file = await moving.exportAll(new Date().toISOString().slice(0, 10));
      saveFile(file.name, file.content);
    });
  }
  return (
    <section aria-labelledby="moving-out">
      <h3 id="moving-out" className="text-sm font-semibold">
        {t("moving.out")}
      </h3>
      <p className="mt-1 text-sm leading-relaxed text-ink-soft">{t("moving.outHelp")}</p>
      <button
        type="button"
        className="button button-plain mt-2.5"
        aria-disabled={attempt.isBusy}
        onClick={() => void save()}
      >
        <Download className="size-4" aria-hidden />
        {attempt.isBusy ? t("moving.outBusy") : t("moving.outAction")}
      </button>
      {attempt.error !== null && (
        <div className="mt-2">
          <Trouble what={t("export.failed")} error={attempt.error} />
        </div>
      )}
    </section>
  );
}
