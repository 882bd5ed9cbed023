/** The words of the microphone. */
export const enVoice = {
  "voice.speak": "Speak",
  "voice.listening": "Listening",
  "voice.starting": "Waiting for the microphone…",
  "voice.listeningNow": "Listening. Speak now.",
  "voice.writing": "Writing it down…",
  "voice.done": "Done",
  "voice.cancel": "Cancel",
  "voice.close": "Close",
  "voice.again": "Try again",
  "voice.notice":
    "Your browser writes down what you say. Its maker may hear it: Chrome sends it to Google, Safari to Apple. Maru sends it nowhere.",
  "voice.agree": "Listen",
  "voice.notNow": "Not now",
  "voice.refused":
    "The microphone is not allowed here. Allow it in the browser’s settings of this page, then try again.",
  "voice.noMicrophone": "No microphone was found.",
  "voice.busy": "The microphone cannot be used now; another program may have it.",
  "voice.network": "The connection was lost, so it could not be written down.",
  "voice.empty": "No words were heard.",
  "voice.tooLong": "The recording is too long.",
  "voice.failed": "It could not be written down: {reason}",
  "voice.language": "Your browser cannot write down this language.",
} as const;
