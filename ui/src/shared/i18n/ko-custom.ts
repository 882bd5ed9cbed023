import type { enCustom } from "./en-custom";

/** The words of what a person tells all models, in Korean. */
export const koCustom: Readonly<Record<keyof typeof enCustom, string>> = {
  "custom.title": "맞춤 지침",
  "custom.lead":
    "다음 답변부터 모든 대화에서 모든 모델에게 알려 줘요. 대화마다 정한 지시문은 이 뒤에 붙어요.",
  "custom.enabled": "모델에게 알려 주기",
  "custom.about": "모델이 나에 대해 무엇을 알면 좋을까요?",
  "custom.aboutExample": "예: 부산의 중학교에서 과학을 가르쳐요.",
  "custom.style": "어떻게 답하면 좋을까요?",
  "custom.styleExample": "예: 짧게 답하고 출처를 밝혀 주세요. 분명하지 않으면 되물어 주세요.",
  "custom.left": "{left}자 남음",
  "custom.save": "저장",
  "custom.cancel": "취소",
  "custom.failed": "저장하지 못했어요.",
  "custom.loadFailed": "맞춤 지침을 불러오지 못했어요.",
  "custom.inThisChat": "이 대화에서 모델에게 맞춤 지침 알려 주기",
  "slash.instructions": "모든 모델에게 알려 줄 것",
};
