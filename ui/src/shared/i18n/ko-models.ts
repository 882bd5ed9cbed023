import type { enModels } from "./en-models";

/** How far a model is that loads, in Korean. */
export const koModels: Readonly<Record<keyof typeof enModels, string>> = {
  "loading.draining": "진행 중인 답변이 끝나기를 기다리고 있어요.",
  "loading.host": "{name} 모델의 엔진이 준비되기를 기다리고 있어요.",
  "loading.starting": "엔진을 시작하고 있어요.",
  "loading.downloading": "모델 파일을 내려받고 있어요.",
  "loading.weights": "모델 파일을 읽고 있어요.",
  "loading.percent": "모델 파일을 읽고 있어요: {percent}%",
  "loading.preparing": "엔진을 준비하고 있어요.",
  "loading.trying": "모델이 답하는지 확인하고 있어요.",
};
