/**
 * Decides what an Enter means while somebody composes Hangul, kana or pinyin.
 *
 * A Korean syllable is always being composed while one types, so Enter must commit it and send, with one press, once.
 * In Japanese and Chinese, Enter chooses from the candidate window and must not send. Browsers differ in the order:
 *
 * - Chrome and Firefox send keydown (229, composing), compositionend and sometimes a second, plain keydown, which may
 *   carry the time of the first.
 * - Where the framework takes the syllable back and puts it in as plain text (ibus), compositionend is empty: only the
 *   second keydown tells that it was Hangul.
 * - WebKitGTK names no key while it composes; only the plain keydown after the end is an Enter.
 * - Safari sends compositionend first, then one keydown 229 that claims not to compose (WebKit bug 165004; a later
 *   version sends them in Chrome's order, bug 311717).
 *
 * What was recorded is in tests/recordings/ime.
 */

export interface EnterKey {
  readonly keyCode: number;
  readonly isComposing: boolean;
}

/** send: now. wait: `onCommit` tells. ignore: leave it to the input method. */
export type EnterMeaning = "send" | "wait" | "ignore";

const HANGUL_AT_END = /[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]$/u;
/** Safari's keydown comes this soon after its compositionend, in ms. */
const SAME_PRESS_MS = 100;
const IME_KEY_CODE = 229;

/** The key chooses or ends what is being composed, and means nothing else; Safari's last one only tells by its code. */
export function isForIme(key: EnterKey): boolean {
  return key.isComposing || key.keyCode === IME_KEY_CODE;
}

export class ImeEnter {
  private composed = "";
  private wantsToSend = false;
  private endedAt = -Infinity;
  private endedInHangul = false;
  /** When a composition ended that an Enter is to send. */
  private sentAt = -Infinity;

  compositionUpdated(text: string): void {
    this.composed = text;
  }

  /** True when the text should be sent as soon as the browser has put the syllable in. */
  compositionEnded(text: string, atMs: number): boolean {
    this.endedAt = atMs;
    this.endedInHangul = HANGUL_AT_END.test(text);
    this.composed = "";
    const send = this.wantsToSend && this.endedInHangul;
    this.wantsToSend = false;
    if (send) this.sentAt = atMs;
    return send;
  }

  enterPressed(key: EnterKey, atMs: number): EnterMeaning {
    // Some WebKits claim too early that nothing is being composed.
    if (key.isComposing || (key.keyCode === IME_KEY_CODE && this.composed !== "")) {
      this.wantsToSend = HANGUL_AT_END.test(this.composed);
      return this.wantsToSend ? "wait" : "ignore";
    }
    if (key.keyCode === IME_KEY_CODE) {
      const isSafariCommit = atMs - this.endedAt < SAME_PRESS_MS;
      return isSafariCommit && this.endedInHangul ? "send" : "ignore";
    }
    // Some browsers report the press once more when the syllable is in.
    return atMs - this.sentAt < SAME_PRESS_MS ? "wait" : "send";
  }
}
