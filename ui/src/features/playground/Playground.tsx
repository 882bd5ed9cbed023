import { Sparkles, Undo2 } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useEffect, useId } from "react";
import { flushSync } from "react-dom";

import { classes } from "@/shared/classes";
import { useSpeech, useT } from "@/shared/i18n/i18n";
import { isForIme } from "@/shared/ime";
import { focusBox } from "@/shared/insert";
import { useMedia } from "@/shared/media";
import { useChat } from "@/shared/session";
import { TextButton } from "@/shared/ui/TextButton";

import { modelOf, putBack, rawModels, show, start, stop, useDesk } from "./desk";
import { ExamplesForm } from "./ExamplesForm";
import { Parameters } from "./Parameters";
import { PRESETS } from "./presets";
import { TextView } from "./TextView";

/** Beside the text there is room for the settings. */
const WIDE = "(width >= 64rem)";

/** A text that a model goes on with: for models that were never taught to chat. */
export default function Playground() {
  const t = useT();
  useEscape();
  const isWide = useMedia(WIDE);
  const view = useDesk((desk) => desk.view);
  const isLoading = useChat((state) => state.modelsState === "loading");
  const models = rawModels(useChat((state) => state.models));
  const chosen = useDesk((desk) => desk.settings.model);
  const model = modelOf(models, chosen);
  const waits = isLoading || models.length === 0;
  const panel = <Parameters models={models} model={model} />;
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto lg:flex-row lg:overflow-hidden">
      <div
        className={classes(
          "flex flex-col gap-3 px-4 pb-4 md:px-6 lg:min-h-0 lg:flex-1",
          // A text scrolls in its box; the form is as long as it is, and the page scrolls.
          view === "text" ? "min-h-112 flex-1" : "flex-auto shrink-0",
        )}
      >
        <p className="text-sm leading-relaxed text-ink-soft max-md:hidden">{t("playground.lead")}</p>
        {waits && !isLoading && (
          <p role="status" className="rounded-xl border border-wood/40 bg-wood-soft px-3.5 py-2.5 text-sm">
            {t("playground.none")}
          </p>
        )}
        {!isWide && (
          <details className="rounded-xl border bg-card px-3.5 py-2.5 text-sm">
            <summary className="cursor-pointer truncate font-medium">
              {t("playground.settings")}
              {model !== null && <span className="ml-2 font-normal text-ink-soft">{model}</span>}
            </summary>
            <div className="pt-3">{panel}</div>
          </details>
        )}
        <div className="flex flex-wrap items-center justify-between gap-2">
          <Views view={view} />
          <Start />
        </div>
        <Replaced />
        {view === "text" ? <TextView model={model} /> : <ExamplesForm model={model} />}
      </div>
      {isWide && (
        <section
          aria-label={t("playground.settings")}
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- without it the keyboard cannot scroll it
          tabIndex={0}
          className="w-76 shrink-0 overflow-y-auto border-l px-5 py-1 -outline-offset-2"
        >
          {panel}
        </section>
      )}
    </div>
  );
}

/** Synchronises Escape, wherever on the page it is pressed, with the model at work. Menus and dialogs keep theirs. */
function useEscape(): void {
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (event.key !== "Escape" || event.defaultPrevented || isForIme(event)) return;
      if (stop()) event.preventDefault();
    }
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
}

function Views({ view }: { view: "text" | "examples" }) {
  const t = useT();
  const name = useId();
  return (
    <fieldset className="flex rounded-xl border bg-floor p-0.5">
      <legend className="sr-only">{t("playground.view")}</legend>
      {(["text", "examples"] as const).map((one) => (
        <label
          key={one}
          className="cursor-pointer rounded-[0.625rem] px-3.5 py-1.5 text-sm text-ink-soft has-checked:bg-card has-checked:text-ink has-checked:shadow-card has-focus-visible:outline-2 has-focus-visible:outline-wood"
        >
          <input
            type="radio"
            name={name}
            className="sr-only"
            checked={view === one}
            onChange={() => show(one)}
          />
          {t(`playground.${one}`)}
        </label>
      ))}
    </fieldset>
  );
}

/** The way back from a ready-made example to what it took the place of. */
function Replaced() {
  const t = useT();
  const isThere = useDesk((desk) => desk.replaced !== null);
  return (
    <div role="status" className="empty:hidden">
      {isThere && (
        <p className="flex flex-wrap items-center justify-between gap-x-3 rounded-xl border bg-card py-1 pr-1.5 pl-3.5 text-sm">
          {t("playground.replaced")}
          <TextButton
            className="-ml-2.5"
            onClick={() => {
              flushSync(putBack);
              focusBox();
            }}
          >
            <Undo2 aria-hidden />
            {t("playground.putBack")}
          </TextButton>
        </p>
      )}
    </div>
  );
}

function Start() {
  const { locale, t } = useSpeech();
  const isRunning = useDesk((desk) => desk.run.kind === "running");
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <TextButton disabled={isRunning}>
          <Sparkles aria-hidden />
          {t("playground.start")}
        </TextButton>
      </DropdownMenu.Trigger>
      <DropdownMenu.Content className="menu" align="end" sideOffset={6} collisionPadding={12}>
        {PRESETS[locale].map(({ name, what }) => (
          <DropdownMenu.Item key={name} className="menu-item" onSelect={() => start(what)}>
            {t(name)}
          </DropdownMenu.Item>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}
