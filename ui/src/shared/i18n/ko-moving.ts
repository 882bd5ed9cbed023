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
  "moving.in": "대화 가져오기",
  "moving.inHelp":
    "ChatGPT, Claude, Open WebUI, LibreChat 또는 다른 마루에서 받은 파일을 압축한 채로도 넣을 수 있어요. 갈래를 그대로 지키고, 이미 있는 대화는 다시 만들지 않아요.",
  "moving.inAction": "파일을 고르거나 여기에 놓으세요",
  "moving.inSorts": "ZIP, JSON, JSONL 파일",
  "moving.sending": "파일을 보내고 있어요…",
  "moving.reading": "파일을 읽고 있어요…",
  "moving.sums": "{imported}개 가져옴, {skipped}개는 이미 있거나 비어 있음, {failed}개는 읽지 못함",
  "moving.inFailed":
    "가져오기가 멈췄어요. 파일을 다시 보내 주세요. 들어온 대화는 그대로 있고, 겹쳐 만들지 않아요.",
  "moving.problems": "그대로 가져오지 못한 것",
  "moving.where": "{file}, {number}번째",
  "moving.changed": "조금 바뀌었어요:",
  "why.here_already": "이미 있어요",
  "why.empty": "메시지가 없어요",
  "why.unknown_format": "마루가 아는 프로그램의 대화가 아니에요",
  "why.damaged": "손상되었어요",
  "why.too_large": "너무 커요",
  "why.broken_file": "파일이 여기서부터 손상되었어요",
  "why.unsafe_archive": "손상되었거나 위험한 압축 파일이라 읽지 않았어요",
  "why.busy": "다른 파일을 가져오는 중이에요",
  "why.stopped": "서버가 계속하지 못했어요",
};
