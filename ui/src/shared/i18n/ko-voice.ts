/** The words of the microphone, in Korean. */
import type { enVoice } from "./en-voice";

export const koVoice: Record<keyof typeof enVoice, string> = {
  "voice.speak": "말로 입력",
  "voice.listening": "듣는 중",
  "voice.starting": "마이크를 준비하고 있어요…",
  "voice.listeningNow": "듣고 있어요. 말씀하세요.",
  "voice.writing": "받아쓰고 있어요…",
  "voice.done": "완료",
  "voice.cancel": "취소",
  "voice.close": "닫기",
  "voice.again": "다시 시도",
  "voice.notice":
    "말씀하시는 내용은 브라우저가 받아써요. 브라우저를 만든 회사가 들을 수 있어요. Chrome은 Google로, Safari는 Apple로 보내요. Maru는 어디로도 보내지 않아요.",
  "voice.agree": "듣기 시작",
  "voice.notNow": "나중에",
  "voice.refused":
    "마이크 사용이 허용되지 않았어요. 브라우저의 사이트 설정에서 허용한 뒤 다시 시도해 주세요.",
  "voice.noMicrophone": "마이크를 찾지 못했어요.",
  "voice.busy": "지금은 마이크를 쓸 수 없어요. 다른 프로그램이 쓰고 있을 수 있어요.",
  "voice.network": "연결이 끊겨서 받아쓰지 못했어요.",
  "voice.empty": "들린 말이 없어요.",
  "voice.tooLong": "녹음이 너무 길어요.",
  "voice.failed": "받아쓰지 못했어요: {reason}",
  "voice.language": "브라우저가 이 언어를 받아쓰지 못해요.",
};
