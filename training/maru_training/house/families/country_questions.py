"""How facts of countries are asked for: general frames round a noun phrase, and frames of one relation's own.

Knows wording only; `countries.py` knows the facts. Every relation holds out general frames that other relations
show, and frames of its own that nothing in training shows.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from maru_training.house.families.base import Language

Relation = Literal["capital", "capital_of", "currency", "languages", "name", "continent"]

# {n} is the noun phrase of the relation, such as "the capital of France" or "프랑스의 수도".
GENERAL: Final[Mapping[Language, Sequence[str]]] = {
    "en": (
        "what is {n}?",
        "tell me {n}.",
        "do you know {n}?",
        "[can|could|would] you tell me {n}?",
        "[can|could] you tell me what {n} is?",
        "name {n}.",
        "give me {n}.",
        "I [want|need|would like] to know {n}.",
        "what's {n}?",
        "say what {n} is.",
        "{n}?",
        "{n} is what?",
        "{n}: what is it?",
        "any idea what {n} is?",
        "I forgot {n}. [what is it?|can you help?]",
        "I forgot what {n} is.",
        "what is {n} called?",
        "[help me|tell me], what is {n}?",
        "I am looking for {n}.",
        "let me know {n}.",
        "remind me what {n} is.",
        "do you [happen to |]know what {n} is?",
        "{n}, please.",
        "what would {n} be?",
        "{n} [-|=|:]",
        "I have to know {n} [for school|for a test|now].",
        "[my question|the question] is: what is {n}?",
        "I don't know {n}. do you?",
        "is there a name for {n}?",
        "please write {n}.",
        "what do [you|people] call {n}?",
        "which one is {n}?",
    ),
    "ko": (
        "{n:은/는} [뭐야|뭐예요|뭔가요|무엇인가요|무엇입니까|뭐지|뭐니|무엇이죠]?",
        "{n:이/가} [뭐야|뭐예요|뭔가요|무엇인가요|무엇입니까|뭐지|뭐더라|무엇이죠]?",
        "{n} [알려 줘|알려줘|알려 주세요|알려주세요|알려 줄래?|알려 주실래요?|가르쳐 줘|가르쳐 주세요|좀 알려줘]",
        "{n:을/를} [알려 줘|알려줘|알려 주세요|알려주세요|알려 줄래?|가르쳐 줘|가르쳐 주세요|좀 알려 주세요]",
        "{n} [말해 줘|말해줘|말해 주세요|말해 봐|말해 줄래?]",
        "{n:을/를} [말해 줘|말해줘|말해 주세요|말해 봐|말씀해 주세요]",
        "{n} [알아|아세요|알고 있어|알고 있나요|아니]?",
        "{n:을/를} [알아|아세요|알고 있어|알고 있나요|아십니까]?",
        "{n:이/가} [뭔지|무엇인지] [알아|아세요|알고 있어|알고 있나요]?",
        "{n:이/가} [뭔지|무엇인지] [알려 줘|알려줘|알려 주세요|말해 줘|말해 주세요|가르쳐 줘]",
        "{n}[?|은?|요?]",
        "{n:이/가} [궁금해|궁금해요|궁금합니다|궁금하네]",
        "{n:을/를} [알고 싶어|알고 싶어요|알고 싶습니다|알고 싶은데]",
        "{n:이/가} [뭔지|무엇인지] [알고 싶어|알고 싶어요|궁금해|궁금해요|모르겠어|모르겠어요]",
        "{n:을/를} [까먹었어|잊어버렸어|잊었어요|까먹었어요]. [뭐야|뭐였지|뭐였죠|뭐예요]?",
        "{n:이/가} [뭐였지|뭐였더라|뭐였죠]?",
        "{n:은/는} [뭐라고 해|뭐라고 해요|뭐라고 하나요|뭐라고 불러|뭐라고 부르나요]?",
        "[내가 궁금한 건|제가 궁금한 건|알고 싶은 건] {n:이야/야}",
        "[질문은 이거야|물어볼게|여쭤볼게요]. {n:은/는} [뭐야|뭐예요|무엇인가요]?",
        "{n:을/를} [써 줘|적어 줘|써 주세요|적어 주세요]",
        "{n:을/를} [찾고 있어|찾고 있어요|찾아 줘|찾아 주세요]",
        "{n:을/를} [물어봐도 돼|물어봐도 돼요|여쭤봐도 될까요]?",
        "{n:을/를} 하나만 [말해 줘|알려 줘|말해 주세요]",
        "{n:이/가} [뭐라고|뭐랬지|뭐라고 했지]?",
    ),
}

NOUNS: Final[Mapping[Language, Mapping[Relation, Sequence[str]]]] = {
    "en": {
        "capital": (
            "the capital[| city] of {x}", "{x}'s capital[| city]", "[the capital city in|the capital in] {x}",
            "the name of [the capital of {x}|{x}'s capital]", "the city that is the capital of {x}",
        ),
        "capital_of": (
            "the country [with|that has] the capital {x}", "the country whose capital is {x}",
            "the country [of which|where] {x} is the capital", "the country that {x} is the capital of",
        ),
        "currency": (
            "the [|official |national ]currency of {x}", "{x}'s [|official ]currency", "{x}'s money",
            "the [money|currency] [of|in|used in] {x}", "the [money|currency] [people|they] use in {x}",
            "the name of [the money in {x}|{x}'s currency]",
        ),
        "languages": (
            "the [|official |main |national ]language of {x}", "{x}'s [|official |main ]language",
            "the language [spoken|used|people speak|they speak] in {x}", "the [main |official |]language in {x}",
        ),
        "name": (
            "the Korean [name|word] [for|of] {x}", "{x} in Korean", "{x}'s Korean name",
            "the name [of|for] {x} in Korean", "the Korean for {x}", "the word for {x} in Korean",
        ),
        "continent": (
            "the continent of {x}", "{x}'s continent", "the continent {x} is [in|on|part of]",
            "the continent [that {x} belongs to|where {x} lies]", "the part of the world {x} is in",
        ),
    },
    "ko": {
        "capital": ("{x} 수도", "{x}의 수도", "{x} 수도 이름", "{x}의 수도 이름", "{x}의 수도 도시", "{x}에서 수도인 도시"),
        "capital_of": (
            "{x:이/가} 수도인 나라", "수도가 {x}인 나라", "{x:을/를} 수도로 [하는|둔|가진] 나라", "{x:이/가} 수도인 나라 이름",
        ),
        "currency": (
            "{x}[의|] [통화|화폐|돈|공식 통화]", "{x}에서 [쓰는|사용하는] [돈|화폐|통화]", "{x}[의|] [돈|화폐|통화] 이름",
            "{x} 사람들이 쓰는 [돈|화폐]",
        ),
        "languages": (
            "{x}[의|] [언어|공용어|공식 언어|말]", "{x}에서 [쓰는|사용하는] [말|언어]", "{x} 사람들이 [쓰는|하는] [말|언어]",
            "{x}[의|] 주요 언어",
        ),
        "name": (
            "{x}[의|] 영어 이름", "{x}[의|] 영어 [말|단어]", "영어로 {x}", "{x:을/를} 영어로 한 것", "{x}의 영어 이름",
        ),
        "continent": ("{x}[의|] 대륙", "{x:이/가} 있는 대륙", "{x:이/가} 속한 대륙", "{x}의 대륙 이름"),
    },
}

OWN: Final[Mapping[Language, Mapping[Relation, Sequence[str]]]] = {
    "en": {
        "capital": (
            "[which|what] city is [the capital|the capital city] of {x}?", "which city is {x}'s capital?",
            "what is the capital called in {x}?", "{x} has which capital?", "{x} has what capital city?",
            "for {x}, what is the capital?", "{x} - [what is the capital?|capital?|capital city?]", "{x} capital?",
            "capital of {x}?", "the capital of which is {x}? I mean, {x}'s capital.", "{x}: capital?",
            "I know {x}, but what is its capital?", "I live in {x}. what is the capital?",
        ),
        "capital_of": (
            "{x} is the capital of [which|what] country?", "which country has {x} as its capital?",
            "{x} is the capital of what?", "what country is {x} the capital of?",
            "of which country is {x} the capital?", "which country's capital is {x}?",
            "what country has the capital {x}?", "[in|of] which country is {x} the capital city?",
            "{x} is a capital. of which country?", "{x} - capital of what?", "{x} is the capital city of which country?",
            "whose capital is {x}?", "{x} is whose capital?", "capital {x}, which country?",
        ),
        "currency": (
            "[which|what] [currency|money] does {x} use?", "[which|what] [currency|money] do [people|they] use in {x}?",
            "[which|what] [currency|money] is used in {x}?", "how do people pay in {x}?",
            "{x} uses [which|what] [currency|money]?", "in {x}, what [currency|money] do people use?",
            "what money do I need in {x}?", "{x} currency?", "{x} - [currency?|what is the currency?]",
            "currency of {x}?", "what kind of money do they have in {x}?", "with which money do I pay in {x}?",
            "I am going to {x}. which currency do I need?",
        ),
        "languages": (
            "[which|what] language do [people|they] speak in {x}?", "[which|what] language is spoken in {x}?",
            "what do people speak in {x}?", "{x} speaks [which|what] language?", "in {x}, what language do people speak?",
            "what language does {x} speak?", "what language do I need in {x}?", "{x} language?",
            "{x} - [language?|what is the language?]", "language of {x}?", "how do people talk in {x}?",
            "which language should I learn for {x}?", "I am going to {x}. which language do they speak?",
        ),
        "name": (
            "how do you say {x} in Korean?", "what do Koreans call {x}?", "how is {x} called in Korean?",
            "how do Koreans say {x}?", "translate {x} into Korean.", "{x} in Korean?", "say {x} in Korean.",
            "what is {x} in Korean?", "how do I write {x} in Korean?", "in Korean, what is {x}?",
            "write {x} in Korean.", "Korean for {x}?", "put {x} into Korean.",
        ),
        "continent": (
            "[which|what] continent is {x} [in|on]?", "on which continent is {x}?", "where is {x}?",
            "where in the world is {x}?", "{x} is [in|on] which continent?", "in which part of the world is {x}?",
            "which continent does {x} belong to?", "{x} is part of which continent?", "{x} continent?",
            "where can I find {x}?", "where is {x} on the map?", "{x} - which continent?", "{x} is where?",
        ),
    },
    "ko": {
        "capital": (
            "{x}[의|] 수도는 [어디야|어디예요|어디인가요|어디입니까|어디지|어디니|어디죠]?",
            "{x}[의|] 수도가 [어디야|어디예요|어디인가요|어디입니까|어디지|어디더라|어디죠]?",
            "{x:은/는} 수도가 [어디야|어디예요|어디인가요|뭐야|뭐예요]?", "[어디가|어느 도시가] {x}[의|] 수도[야|예요|인가요|입니까]?",
            "{x} 수도 [어디|어디야|어디예요|뭐야]?", "{x}의 수도는 어느 도시[야|예요|인가요|입니까]?",
            "{x}의 수도가 어디인지 [알아|아세요|알려 줘|알려 주세요|말해 줘|궁금해요]?", "{x}, 수도는?",
            "{x:이라/라}는 나라의 수도[는|가] [어디야|어디예요|뭐야]?", "수도 [알려 줘|말해 줘], {x}.",
        ),
        "capital_of": (
            "{x:은/는} [어느|어떤|무슨] 나라[의|] 수도[야|예요|인가요|입니까|지|죠]?",
            "{x:이/가} [어느|어떤|무슨] 나라[의|] 수도[야|예요|인가요|입니까|지|죠]?",
            "{x:을/를} 수도로 [하는|둔|가진] 나라는 [어디야|어디예요|어디인가요|어디지]?",
            "{x:이/가} 수도인 나라는 [어디야|어디예요|어디인가요|어디입니까|어디지]?",
            "수도가 {x}인 나라는 [어디야|어디예요|어디인가요|어디입니까|어디지]?",
            "[어느|어떤] 나라의 수도가 {x:이야/야}?", "[어느|어떤] 나라의 수도가 {x:이에요/예요}?",
            "{x:은/는} 어디[의|] 수도[야|예요|인가요|지]?", "{x}, 어느 나라 수도[야|예요|지]?",
            "{x:이/가} 어느 나라 수도인지 [알아|아세요|알려 줘|알려 주세요|말해 줘]?",
        ),
        "currency": (
            "{x:은/는} [어떤|무슨] [돈|화폐|통화]를 [써|써요|쓰나요|사용해|사용하나요|사용합니까]?",
            "{x}에서는 [어떤|무슨] [돈|화폐|통화]를 [써|써요|쓰나요|사용해|사용하나요|사용합니까]?",
            "{x}에서는 돈으로 뭘 [써|써요|쓰나요]?", "{x} 사람들은 [어떤|무슨] 돈을 [써|써요|쓰나요]?",
            "{x}에 가면 [어떤|무슨] 돈[이 필요해|이 필요해요|이 필요한가요|을 써야 해]?", "{x}, [통화는|화폐는|돈은]?",
            "{x}에서 [쓰는|사용하는] [돈|화폐]의 이름은 [뭐야|뭐예요|뭔가요]?", "[어떤|무슨] 돈을 {x}에서 [써|써요|쓰나요]?",
            "{x} 돈[은 뭐라고 불러|은 뭐라고 해요|은 뭐라고 하나요]?",
        ),
        "languages": (
            "{x:은/는} [어떤|무슨] [말|언어]를 [써|써요|쓰나요|사용해|사용하나요|사용합니까]?",
            "{x}에서는 [어떤|무슨|어느 나라] [말|언어]를 [써|써요|쓰나요|사용해|사용하나요|하나요]?",
            "{x} 사람들은 [어떤|무슨] [말|언어]를 [해|해요|하나요|써|써요|쓰나요]?", "{x}, [언어는|공용어는|말은]?",
            "{x}에 가면 [어떤|무슨] 말[이 필요해|이 필요해요|이 필요한가요|을 해야 해]?",
            "{x}에서 통하는 [말|언어]는 [뭐야|뭐예요|뭔가요]?", "[어떤|무슨] 말을 {x}에서 [써|써요|쓰나요]?",
            "{x}에서는 뭐라고 말해? [어떤|무슨] 언어[야|예요]?", "{x} 사람이 쓰는 말은 [뭐야|뭐예요|뭔가요]?",
        ),
        "name": (
            "{x:은/는} 영어로 [뭐야|뭐예요|뭔가요|무엇인가요|뭐라고 해|뭐라고 해요|뭐라고 하나요|뭐지]?",
            "{x:이/가} 영어로 [뭐야|뭐예요|뭔가요|뭐라고 해|뭐지|뭐더라]?",
            "{x:을/를} 영어로 [말해 줘|말해 주세요|해 줘|써 줘|써 주세요|번역해 줘|번역해 주세요|바꿔 줘]",
            "{x:을/를} 영어로 [뭐라고 해|뭐라고 해요|뭐라고 하나요|뭐라고 불러|뭐라고 합니까]?",
            "{x}, 영어로[는|] [뭐야|뭐예요|뭔가요]?", "영어로 {x:은/는} [뭐야|뭐예요|뭐라고 해|뭐라고 해요]?",
            "영어로 {x:을/를} 뭐라고 [해|해요|하나요]?", "{x} 영어로[?| 뭐야?| 알려 줘]",
            "{x:은/는} 영어로 어떻게 [말해|말해요|써|쓰나요|말하나요]?",
        ),
        "continent": (
            "{x:은/는} [어느|어떤|무슨] 대륙[에 있어|에 있어요|에 있나요|이야|인가요|에 있지|에 있습니까]?",
            "{x:이/가} [어느|어떤|무슨] 대륙[에 있어|에 있어요|에 있나요|이야|인가요|에 속해]?",
            "{x:은/는} 어디에 [있어|있어요|있나요|있지|있습니까]?", "{x:이/가} 어디에 [있어|있어요|있나요|있지|있습니까]?",
            "{x:은/는} 어디 있는 나라[야|예요|인가요]?", "{x}, 어느 대륙[이야|이에요|인가요]?", "{x:은/는} 어디[야|예요]?",
            "[어느|어떤] 대륙에 {x:이/가} [있어|있어요|있나요]?", "{x:은/는} 어느 대륙에 [속해|속해요|속하나요]?",
        ),
    },
}

HELD_OUT: Final[Mapping[Language, Mapping[Relation, Sequence[str]]]] = {
    "en": {
        "capital": (
            "if I want to see the capital of {x}, which city do I go to?", "what city do people in {x} call the capital?",
            "{x}'s capital is which city?", "I want to go to the capital of {x}. where is that?",
        ),
        "capital_of": (
            "I am in {x}, a capital. which country am I in?", "name the country that has {x} as the capital.",
            "people say {x} is a capital city. of what country?", "for which country is {x} the capital?",
        ),
        "currency": (
            "if I go to {x}, which money do I use?", "people in {x} pay with what?",
            "what do I pay with in {x}?", "what is money called in {x}?",
        ),
        "languages": (
            "if I go to {x}, which language do I need to speak?", "people in {x} speak what?",
            "what language do I learn to talk to people in {x}?", "what is the language called in {x}?",
        ),
        "name": (
            "how would a Korean say {x}?", "I want to say {x} in Korean. how?",
            "what would people call {x} in Korean?", "give me {x}, but in Korean.",
        ),
        "continent": (
            "if I look at the map, on which continent is {x}?", "what continent do I go to if I want to see {x}?",
            "the country {x} is on what continent?", "which part of the world does {x} belong to?",
        ),
    },
    "ko": {
        "capital": (
            "{x}에서 어느 도시가 수도[야|예요|인가요]?", "{x}의 수도에 가고 싶은데 어디로 가야 [해|해요|하나요]?",
            "{x} 사람들이 수도라고 부르는 도시는 [어디야|어디예요]?", "{x}라면 수도가 어디일까[|요]?",
        ),
        "capital_of": (
            "{x}, 이 도시를 수도로 쓰는 나라는 [어디야|어디예요]?", "{x:이/가} 수도라는데 어느 나라[야|예요|인가요]?",
            "나라 이름을 말해 [줘|주세요]. 수도는 {x:이야/야}.", "지금 {x}에 있어. 어느 나라 수도에 있는 [거야|거지|건가요]?",
        ),
        "currency": (
            "{x}에 가는데 돈은 뭘 [써|써요|쓰나요|가져가야 해]?", "{x}에서 돈을 내려면 [어떤|무슨] 화폐가 필요[해|해요|한가요]?",
            "{x} 나라 돈을 뭐라고 [해|해요|하나요]?", "{x}에서는 무엇으로 돈을 [내|내요|내나요]?",
        ),
        "languages": (
            "{x}에 가는데 [어떤|무슨] 말을 배워야 [해|해요|하나요]?", "{x} 사람이랑 말하려면 [어떤|무슨] 언어가 필요[해|해요|한가요]?",
            "{x} 나라 말은 [뭐야|뭐예요|뭔가요]?", "{x} 사람들끼리는 [어떤|무슨] 말로 [해|해요|하나요]?",
        ),
        "name": (
            "영어 하는 사람들은 {x:을/를} 뭐라고 [불러|불러요|부르나요]?", "{x}, 이걸 영어로 하면 [뭐야|뭐예요|뭔가요]?",
            "{x}의 이름을 영어로 알고 싶[어|어요|습니다].", "영어로 말할 때 {x:은/는} 뭐라고 [해|해요|하나요]?",
        ),
        "continent": (
            "지도에서 {x:은/는} 어느 대륙에 [있어|있어요|있나요]?", "{x:이라/라}는 나라는 어디에 [있어|있어요|있나요]?",
            "어느 대륙에 가면 {x:이/가} [있어|있어요|있나요]?", "{x:이/가} 속하는 대륙은 [어디야|어디예요|뭐야]?",
        ),
    },
}

RELATIONS: Final[Sequence[Relation]] = ("capital", "capital_of", "currency", "languages", "name", "continent")
HELD_OUT_EVERY: Final = 8


def general_frames(language: Language, relation: Relation, *, held_out: bool) -> list[str]:
    """The general frames that a relation shows in training, or those it holds out (other relations show them)."""
    first = 1 + RELATIONS.index(relation)
    frames = GENERAL[language]
    return [frame for place, frame in enumerate(frames) if (place % HELD_OUT_EVERY == first) == held_out]
