import { Info } from "lucide-react";
import { Popover } from "radix-ui";
import type { ReactNode } from "react";

import type { ResponseInfo } from "@/core/tree";
import { useSpeech } from "@/shared/i18n/i18n";
import { IconButton } from "@/shared/ui/IconButton";

import { speedOf } from "./speed";

/** Which model, when, how much, how fast. */
export function Details({ info, createdAt }: { info: ResponseInfo; createdAt: number }) {
  const { t } = useSpeech();
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <IconButton label={t("message.details")} size="small">
          <Info />
        </IconButton>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="menu px-4! py-3! text-sm"
          side="top"
          align="start"
          sideOffset={6}
          collisionPadding={8}
          aria-label={t("message.details")}
        >
          <Facts info={info} createdAt={createdAt} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Facts({ info, createdAt }: { info: ResponseInfo; createdAt: number }) {
  const { locale, t } = useSpeech();
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const time = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const seconds = (ms: number): string => t("details.seconds", { seconds: number.format(ms / 1000) });
  const { usage, timing } = info;
  const speed = speedOf(info);
  const first = timing?.first_token_ms ?? null;
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 [&>dt]:text-ink-soft">
      <Fact name={t("details.model")}>{info.model}</Fact>
      {createdAt > 0 && <Fact name={t("details.time")}>{time.format(new Date(createdAt * 1000))}</Fact>}
      {usage !== null && (
        <Fact name={t("details.tokens")}>
          {t("details.tokensValue", {
            input: number.format(usage.input_tokens),
            output: number.format(usage.output_tokens),
          })}
        </Fact>
      )}
      {speed !== null && (
        <Fact name={t("details.speed")}>{t("details.speedValue", { speed: number.format(speed) })}</Fact>
      )}
      {first !== null && <Fact name={t("details.first")}>{seconds(first)}</Fact>}
      {timing !== null && <Fact name={t("details.total")}>{seconds(timing.total_ms)}</Fact>}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className="tabular-nums">{children}</dd>
    </>
  );
}
