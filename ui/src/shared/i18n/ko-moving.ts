import type { enMoving } from "./en-moving";

/** The words of exports, imports and shares, in Korean. */
export const koMoving: Readonly<Record<keyof typeof enMoving, string>> = {
  "export.action": "내보내기…",
  "export.title": "이 대화 내보내기",
  "export.markdown": "마크다운",
  "export.markdownHelp": "지금 보이는 대화를 읽기 좋은 글로 저장해요.",
  "export.json": "JSON 파일",
  "export.jsonHelp": "모든 메시지의 모든 버전과 고정, 요약, 평가까지 담아요. 다시 가져올 수 있어요.",
  "export.print": "인쇄 또는 PDF로 저장",
  "export.printHelp": "지금 보이는 대화를 종이에 담아요.",
  "export.failed": "내보내지 못했어요.",
  "moving.title": "내보내기와 가져오기",
  "moving.out": "모두 가져가기",
  "moving.outHelp":
    "모든 대화를 메시지의 모든 버전, 고정, 요약, 평가와 함께 한 파일에 담아요. 마루가 다시 읽을 수 있어요.",
  "moving.outAction": "모두 내보내기",
  "moving.outBusy": "모으고 있어요…",
};
