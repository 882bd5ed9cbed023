import { lazy, Suspense } from "react";

import type { Command } from "@/shared/commands";
import { useDialog } from "@/shared/dialogs";

const ArchiveDialog = lazy(() => import("@/features/conversations/ArchiveDialog"));
const BetterDialog = lazy(() => import("@/features/feedback/BetterDialog"));
const CompareDialog = lazy(() => import("@/features/comparing/CompareDialog"));
const ContextDialog = lazy(() => import("@/features/memory/ContextDialog"));
const CustomDialog = lazy(() => import("@/features/custom/CustomDialog"));
const FillDialog = lazy(() => import("@/features/prompts/FillDialog"));
const PromptsDialog = lazy(() => import("@/features/prompts/PromptsDialog"));
const ExportDialog = lazy(() => import("@/features/moving/ExportDialog"));
const FactsDialog = lazy(() => import("@/features/memory/FactsDialog"));
const MapDialog = lazy(() => import("@/features/thread/MapDialog"));
const MovingDialog = lazy(() => import("@/features/moving/MovingDialog"));
const RankDialog = lazy(() => import("@/features/feedback/RankDialog"));
const PictureDialog = lazy(() => import("@/features/files/PictureDialog"));
const TextFileDialog = lazy(() => import("@/features/files/TextFileDialog"));
const Palette = lazy(() => import("@/features/finding/Palette"));
const ChatSettingsDialog = lazy(() => import("@/features/composer/ChatSettingsDialog"));
const ShortcutsDialog = lazy(() => import("@/features/shortcuts/ShortcutsDialog"));
const RememberDialog = lazy(() => import("@/features/memory/RememberDialog"));
const SharesDialog = lazy(() => import("@/features/sharing/SharesDialog"));

/** The large dialogs; each is fetched when it is opened first. */
export function Dialogs({ commands }: { commands: readonly Command[] }) {
  const dialog = useDialog();
  if (dialog === null) return null;
  return (
    <Suspense fallback={null}>
      {dialog.kind === "context" && <ContextDialog key={dialog.response} response={dialog.response} />}
      {dialog.kind === "compare" && <CompareDialog key={dialog.prompt ?? ""} prompt={dialog.prompt} />}
      {dialog.kind === "prompts" && <PromptsDialog text={dialog.text} />}
      {dialog.kind === "fill" && <FillDialog key={dialog.prompt} prompt={dialog.prompt} />}
      {dialog.kind === "custom" && <CustomDialog />}
      {dialog.kind === "archive" && <ArchiveDialog />}
      {dialog.kind === "palette" && <Palette commands={commands} />}
      {dialog.kind === "chatSettings" && <ChatSettingsDialog />}
      {dialog.kind === "map" && <MapDialog />}
      {dialog.kind === "shortcuts" && <ShortcutsDialog />}
      {dialog.kind === "facts" && <FactsDialog />}
      {dialog.kind === "export" && (
        <ExportDialog key={dialog.conversation} conversation={dialog.conversation} />
      )}
      {dialog.kind === "shares" && (
        <SharesDialog key={dialog.conversation ?? ""} conversation={dialog.conversation} />
      )}
      {dialog.kind === "moving" && <MovingDialog />}
      {dialog.kind === "rank" && <RankDialog key={dialog.prompt} prompt={dialog.prompt} />}
      {dialog.kind === "better" && <BetterDialog key={dialog.item} item={dialog.item} />}
      {dialog.kind === "picture" && <PictureDialog {...dialog} />}
      {dialog.kind === "textFile" && <TextFileDialog {...dialog} />}
      {dialog.kind === "remember" && <RememberDialog said={dialog.text} />}
    </Suspense>
  );
}
