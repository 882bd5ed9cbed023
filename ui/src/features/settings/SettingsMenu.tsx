import {
  Archive,
  ArrowLeftRight,
  Bookmark,
  Check,
  Keyboard,
  Languages,
  Link2,
  Monitor,
  Moon,
  ScrollText,
  Settings2,
  Sun,
  TextCursorInput,
  UserPen,
} from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { useRef } from "react";

import { openDialog } from "@/shared/dialogs";
import { chooseLocale, LOCALES, useSpeech } from "@/shared/i18n/i18n";
import type { Locale } from "@/shared/i18n/i18n";
import { goToPlayground } from "@/shared/navigation";
import type { Preference } from "@/shared/preferences";
import { choose, usePreference } from "@/shared/preferences";
import type { Theme } from "@/shared/theme";
import { chooseTheme, useTheme } from "@/shared/theme";

/** Theme, language, what is remembered and what is moved, at the foot of the sidebar. */
export function SettingsMenu({ onChosen }: { onChosen: () => void }) {
  const { locale, t } = useSpeech();
  const theme = useTheme();
  const button = useRef<HTMLButtonElement>(null);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger
        ref={button}
        className="flex h-10 w-full items-center gap-2.5 rounded-lg px-2.5 text-sm text-ink-soft transition-colors hover:bg-hover hover:text-ink"
      >
        <Settings2 className="size-[18px]" aria-hidden />
        {t("app.settings")}
      </DropdownMenu.Trigger>
      <DropdownMenu.Content className="menu" side="top" align="start" sideOffset={6} collisionPadding={8}>
        <Label>{t("theme.label")}</Label>
        <DropdownMenu.RadioGroup value={theme} onValueChange={(value) => chooseTheme(value as Theme)}>
          <Choice value="system" icon={<Monitor />} label={t("theme.system")} />
          <Choice value="light" icon={<Sun />} label={t("theme.light")} />
          <Choice value="dark" icon={<Moon />} label={t("theme.dark")} />
        </DropdownMenu.RadioGroup>
        <DropdownMenu.Separator className="my-1.5 border-t" />
        <Label>{t("language.label")}</Label>
        <DropdownMenu.RadioGroup value={locale} onValueChange={(value) => void chooseLocale(value as Locale)}>
          {Object.entries(LOCALES).map(([value, name]) => (
            <Choice key={value} value={value} icon={<Languages />} label={name} />
          ))}
        </DropdownMenu.RadioGroup>
        <DropdownMenu.Separator className="my-1.5 border-t" />
        <Switch name="follow" label={t("settings.follow")} />
        <DropdownMenu.Separator className="my-1.5 border-t" />
        <DropdownMenu.Item
          className="menu-item"
          onSelect={() => openDialog({ kind: "shortcuts" }, button.current)}
        >
          <Keyboard className="text-ink-soft" />
          {t("shortcuts.title")}
        </DropdownMenu.Item>
        <DropdownMenu.Item
          className="menu-item"
          onSelect={() => openDialog({ kind: "prompts", text: null }, button.current)}
        >
          <ScrollText className="text-ink-soft" />
          {t("prompts.title")}
        </DropdownMenu.Item>
        <DropdownMenu.Item
          className="menu-item"
          onSelect={() => {
            goToPlayground();
            onChosen();
          }}
        >
          <TextCursorInput className="text-ink-soft" />
          {t("playground.title")}
        </DropdownMenu.Item>
        <DropdownMenu.Item
          className="menu-item"
          onSelect={() => openDialog({ kind: "custom" }, button.current)}
        >
          <UserPen className="text-ink-soft" />
          {t("custom.title")}
        </DropdownMenu.Item>
        <DropdownMenu.Item
          className="menu-item"
          onSelect={() => openDialog({ kind: "facts" }, button.current)}
        >
          <Bookmark className="text-ink-soft" />
          {t("facts.title")}
        </DropdownMenu.Item>
        <DropdownMenu.Item
          className="menu-item"
          onSelect={() => openDialog({ kind: "archive" }, button.current)}
        >
          <Archive className="text-ink-soft" />
          {t("archive.title")}
        </DropdownMenu.Item>
        <DropdownMenu.Item
          className="menu-item"
          onSelect={() => openDialog({ kind: "moving" }, button.current)}
        >
          <ArrowLeftRight className="text-ink-soft" />
          {t("moving.title")}
        </DropdownMenu.Item>
        <DropdownMenu.Item
          className="menu-item"
          onSelect={() => openDialog({ kind: "shares", conversation: null }, button.current)}
        >
          <Link2 className="text-ink-soft" />
          {t("share.all")}
        </DropdownMenu.Item>
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}

function Switch({ name, label }: { name: Preference; label: string }) {
  const isOn = usePreference(name);
  return (
    <DropdownMenu.CheckboxItem
      className="menu-item"
      checked={isOn}
      onCheckedChange={(value) => choose(name, value === true)}
      onSelect={(event) => event.preventDefault()}
    >
      <span className="flex-1">{label}</span>
      <DropdownMenu.ItemIndicator>
        <Check className="text-wood" />
      </DropdownMenu.ItemIndicator>
    </DropdownMenu.CheckboxItem>
  );
}

function Label({ children }: { children: ReactNode }) {
  return (
    <DropdownMenu.Label className="px-2.5 pt-1.5 pb-1 text-xs text-ink-soft">{children}</DropdownMenu.Label>
  );
}

function Choice({ value, icon, label }: { value: string; icon: ReactNode; label: string }) {
  return (
    // A choice keeps the menu open, so that its effect is seen.
    <DropdownMenu.RadioItem value={value} className="menu-item" onSelect={(event) => event.preventDefault()}>
      <span className="text-ink-soft">{icon}</span>
      <span className="flex-1">{label}</span>
      <DropdownMenu.ItemIndicator>
        <Check className="text-wood" />
      </DropdownMenu.ItemIndicator>
    </DropdownMenu.RadioItem>
  );
}
