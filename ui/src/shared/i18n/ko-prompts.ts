import type { enPrompts } from "./en-prompts";

/** The words of the prompts that a person uses again, in Korean. */
export const koPrompts: Readonly<Record<keyof typeof enPrompts, string>> = {
  "prompts.title": "프롬프트",
  "prompts.lead": "자주 묻는 말을 저장해 두세요. 메시지 입력란에 /와 단어를 치면 바로 쓸 수 있어요.",
  "prompts.none": "아직 저장한 프롬프트가 없어요.",
  "prompts.new": "새 프롬프트",
  "prompts.edit": "‘{title}’ 고치기",
  "prompts.versions": "‘{title}’의 버전",
  "prompts.delete": "‘{title}’ 삭제",
  "prompts.name": "제목",
  "prompts.word": "/ 뒤에 칠 단어",
  "prompts.wordExample": "예: 편지",
  "prompts.text": "내용",
  "prompts.variables":
    "그때그때 달라지는 자리에는 {example}처럼 쓰고, 보통 쓰는 값이 있으면 {preset}처럼 쓰세요. 쓸 때마다 물어봐요.",
  "prompts.variableName": "이름",
  "prompts.variablePreset": "값",
  "prompts.save": "저장",
  "prompts.cancel": "취소",
  "prompts.back": "모든 프롬프트",
  "prompts.version": "버전 {number}",
  "prompts.restore": "버전 {number} 되살리기",
  "prompts.added": "추가됨:",
  "prompts.removed": "삭제됨:",
  "prompts.failed": "처리하지 못했어요.",
  "prompts.loadFailed": "프롬프트를 불러오지 못했어요.",
  "prompts.fillLead": "여기에 쓴 말이 내용에 들어가요. 보내기 전에 더 고칠 수 있어요.",
  "prompts.fillHint": "Enter를 누르면 메시지 입력란에 들어가고, Shift+Enter를 누르면 줄이 바뀌어요.",
  "prompts.put": "메시지 입력란에 넣기",
  "prompts.saveAs": "프롬프트로 저장",
  "slash.prompts": "내 프롬프트",
};
