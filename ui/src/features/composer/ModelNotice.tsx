import { modelInUse } from "@/core/state";
import { useT } from "@/shared/i18n/i18n";
import { loadingStep } from "@/shared/loading-step";
import { useChat } from "@/shared/session";

/** Why nothing can be sent now, in words; nothing while all is well. */
export function ModelNotice() {
  const t = useT();
  const model = useChat(modelInUse);
  const isKnown = useChat((state) => state.modelsState === "ready");
  if (!isKnown) return null;
  const words = noticeOf();
  if (words === null) return null;
  const progress = model?.["maru:state"] === "loading" ? model["maru:detail"] : undefined;
  const step = progress ? loadingStep(t, progress) : null;
  return (
    <div className="mb-2 rounded-2xl bg-wood-soft px-4 py-2.5 text-sm leading-relaxed">
      <p>{words}</p>
      {progress && (
        <p lang={step === null ? "en" : undefined} className="text-xs text-ink-soft">
          {step ?? progress}
        </p>
      )}
    </div>
  );

  function noticeOf(): string | null {
    if (model === undefined) return t("model.noneHelp");
    if (model["maru:state"] === "loading") return t("model.waiting", { name: model.id });
    if (model["maru:state"] === "out") return t("model.out", { name: model.id });
    if (model["maru:state"] !== "failed" && model["maru:state"] !== "away") return null;
    const key = model["maru:state"] === "away" ? "model.away" : "model.broken";
    return t(key, { name: model.id, detail: model["maru:detail"] ?? t("model.failed") });
  }
}
