/** Ready-made examples to start from, in the languages of the page. */
import type { FewShot } from "@/core/few-shot";
import type { Key } from "@/shared/i18n/en";
import type { Locale } from "@/shared/i18n/i18n";

type Name = Extract<Key, `playground.preset.${string}`>;

export interface Preset {
  readonly name: Name;
  readonly what: FewShot | string;
}

const EN: readonly Preset[] = [
  {
    name: "playground.preset.questions",
    what: {
      task: "",
      before: "Q:",
      after: "A:",
      examples: [
        { input: "What is the capital of France?", output: "Paris." },
        { input: "How many legs does a spider have?", output: "Eight." },
        { input: "Who wrote Romeo and Juliet?", output: "William Shakespeare." },
      ],
      asked: "What is the capital of South Korea?",
    },
  },
  {
    name: "playground.preset.translate",
    what: {
      task: "Translate English to French.",
      before: "English:",
      after: "French:",
      examples: [
        { input: "Good morning.", output: "Bonjour." },
        { input: "Where is the station?", output: "Où est la gare ?" },
        { input: "I would like a coffee, please.", output: "Je voudrais un café, s’il vous plaît." },
      ],
      asked: "Thank you very much.",
    },
  },
  {
    name: "playground.preset.mood",
    what: {
      task: "Say whether a review is positive, negative or neutral.",
      before: "Review:",
      after: "Mood:",
      examples: [
        { input: "The soup was cold and the waiter was rude.", output: "negative" },
        { input: "I loved every minute of it.", output: "positive" },
        { input: "It arrived on Tuesday.", output: "neutral" },
      ],
      asked: "The best floor I have ever sat on.",
    },
  },
  {
    name: "playground.preset.grammar",
    what: {
      task: "Correct the sentence.",
      before: "Wrong:",
      after: "Right:",
      examples: [
        { input: "She no went to the market.", output: "She did not go to the market." },
        { input: "Him and me is friends.", output: "He and I are friends." },
      ],
      asked: "They was happy to seen us.",
    },
  },
  {
    name: "playground.preset.story",
    what: "In the middle of the courtyard stood an old house with a wooden floor. Every evening the neighbours came, sat down on it, and told each other",
  },
];

const KO: readonly Preset[] = [
  {
    name: "playground.preset.questions",
    what: {
      task: "",
      before: "질문:",
      after: "답:",
      examples: [
        { input: "프랑스의 수도는 어디인가요?", output: "파리." },
        { input: "거미의 다리는 몇 개인가요?", output: "여덟 개." },
        { input: "홍길동전을 쓴 사람은 누구인가요?", output: "허균." },
      ],
      asked: "대한민국의 수도는 어디인가요?",
    },
  },
  {
    name: "playground.preset.translate",
    what: {
      task: "영어를 한국어로 옮깁니다.",
      before: "영어:",
      after: "한국어:",
      examples: [
        { input: "Good morning.", output: "좋은 아침이에요." },
        { input: "Where is the station?", output: "역이 어디에 있나요?" },
        { input: "I would like a coffee, please.", output: "커피 한 잔 주세요." },
      ],
      asked: "Thank you very much.",
    },
  },
  {
    name: "playground.preset.mood",
    what: {
      task: "후기가 긍정인지 부정인지 중립인지 답합니다.",
      before: "후기:",
      after: "느낌:",
      examples: [
        { input: "국은 식었고 직원은 불친절했어요.", output: "부정" },
        { input: "처음부터 끝까지 정말 좋았어요.", output: "긍정" },
        { input: "화요일에 도착했어요.", output: "중립" },
      ],
      asked: "지금까지 앉아 본 마루 중에 최고예요.",
    },
  },
  {
    name: "playground.preset.grammar",
    what: {
      task: "맞춤법을 바로잡습니다.",
      before: "틀린 문장:",
      after: "맞는 문장:",
      examples: [
        { input: "오늘은 왠지 않 가고 싶다.", output: "오늘은 왠지 안 가고 싶다." },
        { input: "몇일 뒤에 뵈요.", output: "며칠 뒤에 봬요." },
      ],
      asked: "그렇게 하면 안되요.",
    },
  },
  {
    name: "playground.preset.story",
    what: "마당 한가운데에 넓은 마루가 있는 오래된 집이 있었다. 저녁이면 이웃들이 마루에 걸터앉아 저마다",
  },
];

export const PRESETS: Readonly<Record<Locale, readonly Preset[]>> = { en: EN, ko: KO };
