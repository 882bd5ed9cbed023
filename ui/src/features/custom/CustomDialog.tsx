import { LoaderCircle } from "lucide-react";
import { Switch } from "radix-ui";
import { useEffect, useId, useState } from "react";

import type { WireCustom } from "@/core/wire";
import { closeDialog, closerOfThis } from "@/shared/dialogs";
import { useT } from "@/shared/i18n/i18n";
import { useSession } from "@/shared/session";
import { TextButton } from "@/shared/ui/TextButton";
import { Trouble } from "@/shared/ui/Trouble";
import { Window } from "@/shared/ui/Window";
import { useAttempt } from "@/shared/use-attempt";

/** So many characters before the end, the rest is told. */
const NEARLY_FULL = 200;

/** What the person tells all models. */
export default function CustomDialog() {
  const t = useT();
  const { settings } = useSession();
  const [kept, setKept] = useState<WireCustom | null>(null);
  const loading = useAttempt();
  const load = (): Promise<boolean> => loading.run(async () => setKept(await settings.custom()));
  // Synchronises with what another device may have written.
  // oxlint-disable-next-line react/exhaustive-deps -- once, when it opens
  useEffect(() => void load(), []);
  return (
    <Window title={t("custom.title")} lead={t("custom.lead")}>
      {kept === null && loading.error === null && (
        <LoaderCircle
          role="img"
          aria-label={t("seen.loading")}
          className="mx-auto my-8 size-6 animate-spin text-wood"
        />
      )}
      {kept === null && loading.error !== null && (
        <>
          <Trouble what={t("custom.loadFailed")} error={loading.error} />
          <TextButton className="mt-1 -ml-2.5" onClick={() => void load()}>
            {t("list.again")}
          </TextButton>
        </>
      )}
      {kept !== null && <Fields kept={kept} />}
    </Window>
  );
}

function Fields({ kept }: { kept: WireCustom }) {
  const t = useT();
  const { settings } = useSession();
  const [about, setAbout] = useState(kept.about);
  const [style, setStyle] = useState(kept.style);
  const [isOn, setOn] = useState(kept.enabled);
  const saving = useAttempt();
  const id = useId();
  async function save(): Promise<void> {
    const close = closerOfThis();
    if (await saving.run(() => settings.keepCustom({ about, style, enabled: isOn }))) close();
  }
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <div className="flex items-center justify-between gap-3">
        <label htmlFor={id} className="text-sm font-medium">
          {t("custom.enabled")}
        </label>
        <Switch.Root
          id={id}
          checked={isOn}
          onCheckedChange={setOn}
          className="relative h-6 w-11 shrink-0 rounded-full bg-ink-soft transition-colors data-[state=checked]:bg-wood"
        >
          <Switch.Thumb className="block size-5 translate-x-0.5 rounded-full bg-card shadow transition-transform data-[state=checked]:translate-x-[22px]" />
        </Switch.Root>
      </div>
      <Words
        label={t("custom.about")}
        example={t("custom.aboutExample")}
        value={about}
        most={kept.max_chars}
        onChange={setAbout}
      />
      <Words
        label={t("custom.style")}
        example={t("custom.styleExample")}
        value={style}
        most={kept.max_chars}
        onChange={setStyle}
      />
      {saving.error !== null && <Trouble what={t("custom.failed")} error={saving.error} />}
      <div className="flex justify-end gap-2">
        <button type="button" className="button button-plain" onClick={closeDialog}>
          {t("custom.cancel")}
        </button>
        <button type="submit" className="button button-wood" disabled={saving.isBusy}>
          {t("custom.save")}
        </button>
      </div>
    </form>
  );
}

interface WordsProps {
  readonly label: string;
  readonly example: string;
  readonly value: string;
  /** Characters. */
  readonly most: number;
  readonly onChange: (value: string) => void;
}

function Words({ label, example, value, most, onChange }: WordsProps) {
  const t = useT();
  const id = useId();
  const left = most - value.length;
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium">
        {label}
      </label>
      <textarea
        id={id}
        aria-describedby={`${id}-left`}
        value={value}
        rows={4}
        maxLength={most}
        placeholder={example}
        className="field-sizing-content max-h-[30dvh] min-h-24 w-full resize-none rounded-xl border bg-paper px-3 py-2 leading-relaxed outline-none focus:border-wood/60"
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <p id={`${id}-left`} className="mt-1 text-right text-xs text-ink-soft">
        {left <= NEARLY_FULL && t("custom.left", { left })}
      </p>
    </div>
  );
}
