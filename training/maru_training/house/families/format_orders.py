"""How people order a form of answer: wordings per task, for training and held out. No rules.

{w} is a word, {n} a number, {items} a list in a sentence, {k1} {v1} {k2} {v2} names and values, {t} a thing asked.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from maru_training.house.families.base import Language

Task = Literal["repeat", "times", "bullets", "numbered", "commas", "lines", "reverse", "count", "first", "last", "json", "upper", "lower", "one_word"]

TRAIN: Final[Mapping[Language, Mapping[Task, Sequence[str]]]] = {
    "en": {
        "repeat": (
            "repeat {w}.", "repeat [the|this] word[|:] {w}", "repeat after me: {w}", "say {w}.", "just say {w}.", "say only {w}.", "say {w} and nothing else.",
            "reply with {w}.", "reply only with {w}.", "answer with {w}.", "answer only {w}.", "write {w}.", "write only {w}.", "your whole answer must be {w}.",
            "[can|could] you say {w}?", "[can|could] you repeat {w}?", "echo {w}.", "type {w}.", "copy this: {w}", "please say the word {w}.", "I want you to say {w}.",
            "say this word: {w}", "print {w}.", "output {w}.", "nothing but {w}, please.", "only say: {w}", "say exactly {w}.", "respond with {w} only.",
        ),
        "times": (
            "repeat {w} {n} times.", "say {w} {n} times.", "write {w} {n} times.", "repeat the word {w} {n} times.", "{n} times {w}.", "{n} times the word {w}, please.",
            "[can|could] you say {w} {n} times?", "[can|could] you write {w} {n} times?", "type {w} {n} times.", "print {w} {n} times.", "give me {w} {n} times.",
            "{w}, {n} times.", "{w} x {n}", "say the word {w} {n} times in a row.", "I want {w} {n} times.", "output {w} {n} times.", "copy {w} {n} times.",
            "please repeat {w} exactly {n} times.", "write down {w} {n} times.", "say {w} again and again, {n} times.", "{n}x {w}",
        ),
        "bullets": (
            "make a bullet list of {items}.", "write a bullet list: {items}", "list {items} as bullet points.", "bullet points: {items}", "turn {items} into a bullet list.",
            "put {items} in a bullet list.", "give me {items} as bullets.", "make bullet points of {items}.", "show {items} as a bullet list.", "a bullet list of {items}, please.",
            "[can|could] you make a bullet list of {items}?", "[can|could] you list {items} as bullet points?", "format {items} as a bullet list.", "write {items} as bullet points.",
            "I need a bullet list with {items}.", "bullet list with {items}", "list these with bullets: {items}", "use bullets for {items}.", "bullets, please: {items}", "{items} as a bullet list.",
        ),
        "numbered": (
            "make a numbered list of {items}.", "write a numbered list: {items}", "list {items} with numbers.", "number these: {items}", "turn {items} into a numbered list.",
            "put {items} in a numbered list.", "give me {items} as a numbered list.", "number {items}.", "show {items} as a numbered list.", "a numbered list of {items}, please.",
            "[can|could] you make a numbered list of {items}?", "[can|could] you number {items}?", "format {items} as a numbered list.", "write {items} as a numbered list.",
            "I need a numbered list with {items}.", "numbered list with {items}", "list these with numbers: {items}", "use numbers for {items}.", "numbers, please: {items}", "{items} as a numbered list.",
        ),
        "commas": (
            "write {items} with commas.", "put commas between {items}.", "separate {items} with commas.", "comma separated: {items}", "give me {items} separated by commas.",
            "make a comma separated list of {items}.", "turn {items} into a comma list.", "list {items} with commas.", "[can|could] you put commas between {items}?", "format {items} with commas.",
            "{items} with commas, please.", "show {items} separated by commas.", "one line with commas: {items}", "join {items} with commas.", "a comma list of {items}.", "use commas for {items}.",
            "I need {items} with commas.", "commas between these: {items}", "comma list: {items}", "write these with commas: {items}",
        ),
        "lines": (
            "write {items}, one per line.", "one per line: {items}", "put each of {items} on its own line.", "list {items} on separate lines.", "each on a new line: {items}",
            "give me {items}, one on each line.", "[can|could] you write {items} on separate lines?", "show {items} line by line.", "a new line for each: {items}", "{items}, one per line.",
            "separate {items} by new lines.", "put {items} on separate lines.", "write these one per line: {items}", "line by line: {items}", "make one line for each: {items}",
            "format {items} one per line.", "I need {items} one per line.", "use a new line for each of {items}.", "turn {items} into lines.", "print {items} one per line.",
        ),
        "reverse": (
            "reverse the order of {items}.", "write {items} in reverse order.", "say {items} backwards.", "reverse {items}.", "reverse this list: {items}", "in reverse: {items}",
            "give me {items} in reverse.", "turn around the order of {items}.", "[can|could] you reverse {items}?", "list {items} from last to first.", "from last to first: {items}",
            "put {items} in reverse order.", "reverse order: {items}", "show {items} backwards.", "the other way round: {items}", "write these in reverse: {items}", "flip {items}.",
            "flip the order of {items}.", "{items} in reverse, please.", "backwards: {items}",
        ),
        "count": (
            "how many [words|things|items] are there: {items}?", "count {items}.", "count these: {items}", "how many are these: {items}?", "how many do I have: {items}?",
            "what is the number of items in {items}?", "[can|could] you count {items}?", "count the [words|items|things] {items}.", "{items}: how many?", "{items}. how many are there?",
            "how many items are in this list: {items}?", "tell me how many: {items}", "how many in {items}?", "give me the count of {items}.", "I have {items}. how many is that?",
            "number of items: {items}", "how long is this list: {items}?", "how many words: {items}?", "please count: {items}", "I bought {items}. how many things?",
        ),
        "first": (
            "what is the first of {items}?", "the first one: {items}", "give me the first of {items}.", "which is first: {items}?", "say the first of {items}.", "first of {items}?",
            "which comes first in {items}?", "[can|could] you tell me the first of {items}?", "pick the first: {items}", "only the first, please: {items}", "{items}. which is first?",
            "what comes first: {items}?", "take the first of {items}.", "tell me the first of {items}.", "name the first of {items}.", "the first item of {items}?", "first item: {items}",
            "the first word in {items}?", "write only the first of {items}.", "from {items}, give me the first.",
        ),
        "last": (
            "what is the last of {items}?", "the last one: {items}", "give me the last of {items}.", "which is last: {items}?", "say the last of {items}.", "last of {items}?",
            "which comes last in {items}?", "[can|could] you tell me the last of {items}?", "pick the last: {items}", "only the last, please: {items}", "{items}. which is last?",
            "what comes last: {items}?", "take the last of {items}.", "tell me the last of {items}.", "name the last of {items}.", "the last item of {items}?", "last item: {items}",
            "the last word in {items}?", "write only the last of {items}.", "from {items}, give me the last.",
        ),
        "json": (
            "write JSON with {pairs}.", "JSON: {pairs}", "make a JSON object with {pairs}.", "turn this into JSON: {pairs}", "give me JSON with {pairs}.", "as JSON: {pairs}",
            "put {pairs} in JSON.", "format as JSON: {pairs}", "[can|could] you write JSON with {pairs}?", "I need JSON: {pairs}", "return JSON with {pairs}.", "{pairs} as JSON, please.",
            "answer in JSON: {pairs}", "only JSON: {pairs}", "output JSON with {pairs}.", "show {pairs} as JSON.", "create a JSON object: {pairs}", "convert to JSON: {pairs}",
            "JSON, please: {pairs}", "write this as JSON: {pairs}", "reply with JSON only: {pairs}",
        ),
        "upper": (
            "write {w} in capital letters.", "make {w} uppercase.", "uppercase {w}.", "{w} in capitals.", "turn {w} into capitals.", "[can|could] you write {w} in capitals?", "write {w} in all caps.",
            "put {w} in uppercase.", "capital letters: {w}", "uppercase: {w}", "all caps: {w}", "say {w} in capital letters.", "convert {w} to uppercase.", "change {w} to capital letters.",
            "give me {w} in uppercase.", "show {w} in capitals.", "{w} in uppercase, please.", "type {w} in capitals.", "make this uppercase: {w}", "I need {w} in capitals.",
        ),
        "lower": (
            "write {w} in small letters.", "make {w} lowercase.", "lowercase {w}.", "{w} in small letters.", "turn {w} into lowercase.", "[can|could] you write {w} in lowercase?",
            "write {w} in lower case.", "put {w} in lowercase.", "small letters: {w}", "lowercase: {w}", "no capitals: {w}", "say {w} in small letters.", "convert {w} to lowercase.",
            "change {w} to small letters.", "give me {w} in lowercase.", "show {w} in small letters.", "{w} in lowercase, please.", "type {w} in small letters.", "make this lowercase: {w}", "I need {w} in lowercase.",
        ),
        "one_word": (
            "[in|with] one word: {t}?", "{t}? one word.", "{t}? answer in one word.", "answer in one word: {t}?", "one word only: {t}?", "only the name: {t}?", "{t}? just the name.",
            "just the name: {t}?", "name only: {t}?", "{t}? [say|write] only the name.", "short answer: {t}?", "{t}? only the answer, no sentence.", "no sentence, just the name: {t}?",
            "[can|could] you tell me {t}, in one word?", "reply with one word: {t}?", "{t}? one word, please.", "tell me {t} in one word.", "give only the name. {t}?", "be short: {t}?", "{t}? short, please.",
        ),
    },
    "ko": {
        "repeat": (
            "{w:이라/라}고 [말해 줘|말해줘|말해 봐|말해 주세요|해 봐|해 줘]", "{w:이라/라}고만 [말해 줘|말해 주세요|해 줘|대답해|대답해 주세요|답해 줘]", "{w:을/를} [따라 해 봐|따라 해|따라 해 줘|따라 해 주세요|따라 말해 줘]",
            "따라 [해|해 봐|해 보세요|말해 봐]: {w}", "이 [말|단어]를 [반복해|반복해 줘|따라 해|반복해 주세요]: {w}", "{w} [반복해 줘|반복해|반복해 주세요]", "{w:을/를} [반복해 줘|반복해|반복해 주세요]", "{w:이라/라}고 [써 줘|써|써 주세요|적어 줘|적어 주세요]",
            "{w}만 [말해 줘|써 줘|출력해|출력해 줘|대답해 줘|말해 주세요]", "다른 말 없이 {w}만 [말해|말해 줘|써 줘|말해 주세요]", "[대답|답]은 {w:으로/로}만 [해|해 줘|해 주세요]", "{w:을/를} 그대로 [말해 줘|써 줘|말해 주세요|적어 주세요]", "{w} 라고 [해 봐|말해 줘|써 줘]",
            "그대로 따라 써 [줘|주세요]: {w}", "{w:을/를} [말해 줘|말해 봐|출력해 줘|말해 주세요]", "{w:이라/라}는 말만 [해 줘|해|해 주세요]",
        ),
        "times": (
            "{w:을/를} {c} [번|번만] [말해 줘|말해|써 줘|써|적어 줘|반복해|반복해 줘|말해 주세요|써 주세요]", "{w} {c} 번 [말해 줘|말해|써 줘|써|적어 줘|반복해|반복해 줘|반복해 주세요]", "{c} 번 {w:이라/라}고 [말해|말해 줘|써|써 줘|해 줘]",
            "{w:이라/라}고 {c} 번 [말해|말해 줘|써|써 줘|해 줘|해 주세요]", "{c} 번 [반복해|반복해 줘|써 줘]: {w}", "{w:을/를} 연달아 {c} 번 [말해|말해 줘|써 줘]", "{w:을/를} {c} 번 [출력해|출력해 줘|타자해 줘]", "{w:을/를} 정확히 {c} 번 [써|써 줘|말해 주세요]",
            "{w} {n}번", "{w} x {n}", "{w:을/를} {n}번 [써 줘|말해 줘|반복해|반복해 주세요]", "{w} {n}번 [써 줘|말해 줘|반복해]", "{n}번 {w:이라/라}고 [해|써 줘|말해 줘]",
        ),
        "bullets": (
            "{items:을/를} [글머리표|글머리 기호|불릿]로 [써 줘|정리해 줘|나열해 줘|적어 줘|보여 줘|정리해 주세요]", "{items:을/를} [글머리표|불릿] 목록으로 [만들어 줘|써 줘|정리해 줘|만들어 주세요]", "[글머리표|불릿] 목록[: |을 만들어 줘: |으로 써 줘: |, ]{items}",
            "{items} [글머리표|불릿]로 [써 줘|정리해 줘|부탁해]", "[글머리표|글머리 기호|불릿]로 [정리해 줘|써 줘|나열해 줘|적어 주세요]: {items}", "{items:으로/로} [글머리표|불릿] 목록[을|] [만들어 줘|만들어|만들어 주세요]", "{items:을/를} 점 찍어서 [나열해 줘|써 줘|정리해 줘|적어 주세요]",
        ),
        "numbered": (
            "{items:을/를} 번호[로|를 매겨서|를 붙여서] [써 줘|정리해 줘|나열해 줘|적어 줘|정리해 주세요]", "{items:을/를} 번호 목록으로 [만들어 줘|써 줘|정리해 줘|만들어 주세요]", "번호 목록[: |을 만들어 줘: |으로 써 줘: |, ]{items}",
            "{items}에 번호를 [매겨 줘|붙여 줘|매겨 주세요|달아 줘]", "번호를 [매겨 줘|붙여 줘|달아 줘|매겨 주세요]: {items}", "{items:으로/로} 번호 목록[을|] [만들어 줘|만들어|만들어 주세요]", "{items} 번호 [매겨 줘|붙여 줘|붙여서 써 줘]",
        ),
        "commas": (
            "{items:을/를} 쉼표로 [써 줘|이어 줘|구분해 줘|나눠 줘|구분해 주세요|연결해 줘]", "쉼표로 [구분해 줘|이어 줘|나열해 줘|구분해 주세요]: {items}", "{items} 사이에 쉼표를 [넣어 줘|찍어 줘|넣어 주세요|붙여 줘]", "{items:을/를} 쉼표 목록으로 [써 줘|만들어 줘|정리해 줘]",
            "쉼표 목록[: |을 만들어 줘: |으로 써 줘: ]{items}", "{items} 쉼표로 [이어 줘|구분해 줘|부탁해]", "{items:을/를} 한 줄에 쉼표로 [써 줘|적어 줘|써 주세요]",
        ),
        "lines": (
            "{items:을/를} 한 줄에 하나씩 [써 줘|적어 줘|나열해 줘|써 주세요]", "한 줄에 하나씩[: | 써 줘: | 적어 줘: ]{items}", "{items:을/를} 줄을 바꿔서 [써 줘|적어 줘|나열해 줘|써 주세요]", "줄을 [바꿔서|바꿔 가며] [써 줘|적어 줘]: {items}",
            "{items} 한 줄에 하나씩 [써 줘|부탁해|적어 줘]", "{items:을/를} 각각 다른 줄에 [써 줘|적어 줘|써 주세요]", "줄마다 하나씩 [써 줘|적어 줘|적어 주세요]: {items}",
        ),
        "reverse": (
            "{items:을/를} [거꾸로|반대로|역순으로] [말해 줘|써 줘|나열해 줘|적어 줘|말해 주세요|해 줘]", "{items}[의|] 순서를 [뒤집어 줘|바꿔서 거꾸로 써 줘|거꾸로 해 줘|뒤집어 주세요|뒤집어]", "[거꾸로|반대로|역순으로] [말해 줘|써 줘|나열해 줘|적어 줘]: {items}", "{items} [거꾸로|역순으로] [써 줘|말해 줘|부탁해]",
            "순서를 [뒤집어 줘|거꾸로 해 줘|뒤집어 주세요]: {items}", "{items:을/를} 뒤에서부터 [말해 줘|써 줘|적어 줘|읽어 줘]", "뒤에서부터 [말해 줘|써 줘|적어 줘]: {items}",
        ),
        "count": (
            "{items:은/는} [모두|전부|다] 몇 개[야|예요|인가요|니|지]?", "몇 개[야|예요|인가요|니|지]? {items}", "{items:이/가} 몇 개[야|예요|인가요|지]?", "{items:을/를} [세어 줘|세 줘|세어 봐|세어 주세요|세 보세요]", "개수를 [세어 줘|말해 줘|알려 줘|세어 주세요]: {items}",
            "{items}[의|] 개수[는|는 몇이야|를 말해 줘|를 알려 줘]?", "[이 목록에는|여기에는] 몇 개가 [있어|있어요|있나요]? {items}", "{items:이/가} 있어. [모두|전부] 몇 개[야|예요]?", "다음은 몇 [개야|개예요|개인가요]: {items}",
        ),
        "first": (
            "{items} [중|중에|중에서] [첫 번째|첫째|처음][는|가|은] [뭐야|뭐예요|뭔가요]?", "{items} [중|중에서] [첫 번째|첫째|맨 처음 것]만 [말해 줘|써 줘|골라 줘|말해 주세요]", "[첫 번째|첫째|맨 앞]만 [말해 줘|골라 줘|써 줘]: {items}", "{items}[의|에서] 첫 번째[는|를 말해 줘|가 뭐야|를 알려 줘]?", "{items}[에서|] 맨 [앞|처음]에 있는 [건|것은] [뭐야|뭐예요]?",
            "첫 번째가 뭐[야|예요]? {items}", "{items} 가운데 첫 번째[는|를 골라 줘|만 말해 줘]",
        ),
        "last": (
            "{items} [중|중에|중에서] [마지막은|마지막이|끝은] [뭐야|뭐예요|뭔가요]?", "{items} [중|중에서] [마지막|맨 마지막 것|마지막 것]만 [말해 줘|써 줘|골라 줘|말해 주세요]", "[마지막|맨 뒤|맨 끝]만 [말해 줘|골라 줘|써 줘]: {items}", "{items}[의|에서] 마지막[은|을 말해 줘|이 뭐야|을 알려 줘]?", "{items}[에서|] 맨 [뒤|끝]에 있는 [건|것은] [뭐야|뭐예요]?",
            "마지막이 뭐[야|예요]? {items}", "{items} 가운데 마지막[은|을 골라 줘|만 말해 줘]",
        ),
        "json": (
            "[JSON|제이슨]으로 [써 줘|만들어 줘|바꿔 줘|적어 줘|출력해 줘|써 주세요]: {pairs}", "{pairs:을/를} JSON으로 [써 줘|만들어 줘|바꿔 줘|정리해 줘|바꿔 주세요]", "JSON[: | 부탁해: |만: |으로: ]{pairs}", "{pairs:으로/로} JSON[을|] [만들어 줘|만들어|만들어 주세요|써 줘]", "JSON 객체를 [만들어 줘|써 줘|만들어 주세요]: {pairs}",
            "JSON으로만 [답해 줘|대답해|대답해 주세요]: {pairs}", "{pairs} JSON으로 [부탁해|써 줘|바꿔 줘]", "JSON 형식으로 [써 줘|답해 줘|써 주세요]: {pairs}",
        ),
        "one_word": (
            "한 [단어|마디]로 [답해 줘|말해 줘|대답해|답해 주세요]: {t:은/는}?", "{t:은/는}? 한 [단어|마디]로 [답해 줘|말해 줘|대답해 줘]", "{t:은/는}? 이름만 [말해 줘|써 줘|말해 주세요]", "이름만 [말해 줘|써 줘|알려 줘]: {t:은/는}?", "{t:을/를} 한 [단어|마디]로 [말해 줘|답해 줘|말해 주세요]", "{t}, 이름만[| 말해 줘| 부탁해| 알려 줘]", "짧게 [답해 줘|말해 줘]: {t:은/는}?", "{t:은/는}? [짧게|단어로만|한 단어로만]", "문장 말고 [단어|이름]만: {t:은/는}?", "{t:은/는}? 문장 말고 [단어|이름]만",
        ),
    },
}

HELD_OUT: Final[Mapping[Language, Mapping[Task, Sequence[str]]]] = {
    "en": {
        "repeat": ("I want you to answer only {w}.", "nothing else, just say {w}.", "can you copy the word {w}?"),
        "times": ("please, the word {w} {n} times.", "I want you to say {w} {n} times.", "can you repeat this {n} times: {w}"),
        "bullets": ("I want {items} as bullet points.", "please turn these into bullets: {items}", "show me a list with bullets: {items}"),
        "numbered": ("I want {items} with numbers.", "please turn these into a numbered list: {items}", "show me a list with numbers: {items}"),
        "commas": ("I want {items} with commas between.", "please turn these into a comma list: {items}", "can you list these with commas: {items}"),
        "lines": ("I want each on its own line: {items}", "please put these one per line: {items}", "can you list these line by line: {items}"),
        "reverse": ("I want {items} in reverse order.", "please say these backwards: {items}", "can you list these from last to first: {items}"),
        "count": ("I want to know how many these are: {items}", "what is the count: {items}?", "tell me the number of items in {items}."),
        "first": ("I want only the first of {items}.", "tell me which comes first: {items}", "please pick the first item: {items}"),
        "last": ("I want only the last of {items}.", "tell me which comes last: {items}", "please pick the last item: {items}"),
        "json": ("I want {pairs} in JSON.", "please make this JSON: {pairs}", "show me JSON with {pairs}."),
        "upper": ("I want {w} in capital letters.", "please change this to uppercase: {w}", "show me the word {w} in all caps."),
        "lower": ("I want {w} in small letters.", "please change this to lowercase: {w}", "show me the word {w} in lower case."),
        "one_word": ("I want one word only: {t}?", "please just say the name: {t}?", "what is the answer in one word: {t}?"),
    },
    "ko": {
        "repeat": ("{w}, 이 말만 따라 해 [줘|주세요]", "그대로 말해 [봐|주세요]: {w}", "대답으로 {w}만 써 [줘|주세요]"),
        "times": ("{w:이라/라}는 말을 {c} 번 해 [줘|주세요]", "{w}, {c} 번 부탁해[|요]", "똑같이 {c} 번 써 [줘|주세요]: {w}"),
        "bullets": ("목록을 글머리표로 만들어 [줘|주세요]: {items}", "{items}, 불릿으로 [보여 줘|부탁해]", "글머리표를 붙여서 {items:을/를} 써 [줘|주세요]"),
        "numbered": ("목록에 번호를 붙여 [줘|주세요]: {items}", "{items}, 번호로 [보여 줘|부탁해]", "번호를 매겨서 {items:을/를} 적어 [줘|주세요]"),
        "commas": ("쉼표를 넣어서 써 [줘|주세요]: {items}", "{items}, 쉼표로 [보여 줘|부탁해]", "쉼표를 찍어서 {items:을/를} 적어 [줘|주세요]"),
        "lines": ("하나씩 줄을 바꿔 [줘|주세요]: {items}", "{items}, 한 줄씩 [보여 줘|부탁해]", "각각 한 줄에 적어 [줘|주세요]: {items}"),
        "reverse": ("{items}, 거꾸로 [보여 줘|부탁해]", "순서를 반대로 해서 {items:을/를} 써 [줘|주세요]", "이 목록을 거꾸로 해 [줘|주세요]: {items}"),
        "count": ("{items}, 몇 개인지 [말해 줘|알려 줘]", "개수가 몇이[야|에요]? {items}", "여기 {items:이/가} 있는데 몇 개[야|예요]?"),
        "first": ("{items}, 첫 번째 것만 [보여 줘|부탁해]", "맨 앞에 있는 걸 말해 [줘|주세요]: {items}", "이 중에 첫 번째를 골라 [줘|주세요]: {items}"),
        "last": ("{items}, 마지막 것만 [보여 줘|부탁해]", "맨 뒤에 있는 걸 말해 [줘|주세요]: {items}", "이 중에 마지막을 골라 [줘|주세요]: {items}"),
        "json": ("{pairs}, JSON으로 [보여 줘|부탁해]", "이걸 JSON으로 정리해 [줘|주세요]: {pairs}", "JSON 객체로 {pairs:을/를} 적어 [줘|주세요]"),
        "one_word": ("{t:이/가} 뭔지 한 단어로 말해 [줘|주세요]", "{t}, 한 마디로[는|만]?", "이름만 알고 싶어[|요]. {t:은/는}?"),
    },
}
