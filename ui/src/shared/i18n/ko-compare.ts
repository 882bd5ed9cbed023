import type { enCompare } from "./en-compare";

/** The words of asking several models and comparing their answers, in Korean. */
export const koCompare: Record<keyof typeof enCompare, string> = {
  "compare.choose": "모델 비교하기…",
  "compare.other": "여러 모델로…",
  "compare.title": "모델 비교하기",
  "compare.lead": "다음 질문을 고른 모델 모두에게 보내고 답변을 나란히 보여 드려요.",
  "compare.leadMore": "고른 모델이 이 메시지에 답하고, 지금 있는 답변 옆에 나란히 보여 드려요.",
  "compare.howMany": "2개에서 {most}개까지 고를 수 있어요.",
  "compare.howManyMore": "{most}개까지 고를 수 있어요.",
  "compare.start": "비교하기",
  "compare.cancel": "취소",
  "compare.next": "다음 질문을 받을 모델: {models}",
  "compare.off": "모델 하나에만 묻기",
  "compare.label": "나란히 놓인 답변",
  "compare.answers": "답변 나란히 보기",
  "compare.answerOf": "{model}의 답변",
  "compare.shown": "대화에 보이는 답변",
  "compare.stopOne": "{model} 멈추기",
  "compare.keep": "이 답변으로 계속하기",
  "compare.rank": "순위 매기기",
  "compare.close": "답변 하나만 보기",
  "command.compare": "모델 비교하기",
  "slash.compare": "여러 모델에 한꺼번에 묻기",
};
