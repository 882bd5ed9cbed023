import type { Translate } from "./i18n/i18n";

/** What the server says of a model that loads (`vllm_log.py`, `transformers_local.py`, `engine.py`), and our words. */
const STEPS: readonly (readonly [RegExp, (t: Translate, found: RegExpExecArray) => string])[] = [
  [/^It is being restarted/, (t) => t("loading.draining")],
  [/^It waits for the model '(.+)'/, (t, [, name = ""]) => t("loading.host", { name })],
  [/^vLLM is starting|^PyTorch is being loaded|^The model is being loaded/, (t) => t("loading.starting")],
  [/^vLLM is downloading/, (t) => t("loading.downloading")],
  [/^vLLM is loading the weights \((\d+)%\)/, (t, [, percent = ""]) => t("loading.percent", { percent })],
  [/^vLLM is loading the weights|^The weights are being loaded/, (t) => t("loading.weights")],
  [/^vLLM is (?:measuring|compiling|recording|warming|ready)/, (t) => t("loading.preparing")],
  [/^vLLM is trying out|^The model is being tried out/, (t) => t("loading.trying")],
];

/** A sentence of the server in the person's words; null: one that we have none for. */
export function loadingStep(t: Translate, sentence: string): string | null {
  for (const [pattern, words] of STEPS) {
    const found = pattern.exec(sentence);
    if (found !== null) return words(t, found);
  }
  return null;
}
