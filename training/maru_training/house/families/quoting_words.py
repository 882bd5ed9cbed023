"""What the numbered passages speak of: made-up places and what is said and asked of them.

`{s}` is the subject, `{v}` the value. The last question of every relation is kept for evaluation.
"""

from dataclasses import dataclass
from typing import Final

from maru_training.house.families.base import Language


@dataclass(frozen=True, slots=True)
class Relation:
    """One thing that can be said of a place: what `values.value` draws, how it is told and asked."""

    kind: str
    tells: tuple[str, ...]
    asks: tuple[str, ...]
    held_out_ask: str


TYPES: Final[dict[Language, tuple[str, ...]]] = {
    "en": tuple(
        "bridge museum tower library castle theatre hotel factory garden harbour school station church lighthouse "
        "restaurant gallery market palace stadium hospital mill zoo café observatory temple hall tunnel dam".split()
    ),
    "ko": tuple(
        "다리 박물관 탑 도서관 성 극장 호텔 공장 정원 항구 학교 역 교회 등대 식당 미술관 시장 궁전 경기장 병원 방앗간 동물원 카페 "
        "천문대 절 회관 터널 댐 공원 서점".split()
    ),
}

RELATIONS: Final[dict[Language, tuple[Relation, ...]]] = {
    "en": (
        Relation(
            "year",
            (
                "{s} was built in {v}.",
                "{s} dates from {v}.",
                "{s} was completed in {v}.",
                "Builders finished {s} in {v}.",
                "In {v}, {s} was built.",
            ),
            (
                "when was {s} built",
                "in which year was {s} built",
                "what year was {s} built",
                "when was {s} [completed|finished]",
                "from which year is {s}",
                "since when [is there|do we have] {s}",
                "what year does {s} date from",
            ),
            "in what year did they finish {s}",
        ),
        Relation(
            "city",
            (
                "{s} is in {v}.",
                "{s} stands in {v}.",
                "{s} is located in {v}.",
                "You find {s} in {v}.",
                "{s} lies in {v}.",
            ),
            (
                "where is {s}",
                "in which city is {s}",
                "where can I find {s}",
                "what city is {s} in",
                "where does {s} stand",
                "where is {s} located",
                "in what place is {s}",
            ),
            "which city is {s} in",
        ),
        Relation(
            "number",
            ("{s} is {v} metres tall.", "{s} has a height of {v} metres.", "{s} rises {v} metres high."),
            (
                "how tall is {s}",
                "how high is {s}",
                "what is the height of {s}",
                "how many metres tall is {s}",
                "what height does {s} have",
                "tell me the height of {s}",
            ),
            "how many metres high is {s}",
        ),
        Relation(
            "price",
            (
                "A ticket for {s} costs {v} euros.",
                "Entry to {s} costs {v} euros.",
                "Visitors of {s} pay {v} euros.",
                "The entrance fee of {s} is {v} euros.",
            ),
            (
                "how much is a ticket for {s}",
                "what does {s} cost",
                "how much does entry to {s} cost",
                "what is the entrance fee of {s}",
                "how much do visitors pay at {s}",
                "what is the price of {s}",
            ),
            "how expensive is it to visit {s}",
        ),
        Relation(
            "name",
            (
                "{s} was designed by {v}.",
                "{v} designed {s}.",
                "The architect of {s} was {v}.",
                "{s} was drawn by the architect {v}.",
            ),
            (
                "who designed {s}",
                "who was the architect of {s}",
                "by whom was {s} designed",
                "who drew {s}",
                "which architect designed {s}",
                "what is the name of the architect of {s}",
            ),
            "who is the architect behind {s}",
        ),
        Relation(
            "name",
            ("{s} belongs to {v}.", "{v} owns {s}.", "The owner of {s} is {v}.", "{s} is owned by {v}."),
            (
                "who owns {s}",
                "to whom does {s} belong",
                "who is the owner of {s}",
                "whose is {s}",
                "who does {s} belong to",
                "what is the owner of {s} called",
            ),
            "who has owned {s}",
        ),
        Relation(
            "colour",
            ("{s} is painted {v}.", "The walls of {s} are {v}.", "{s} has {v} walls.", "The colour of {s} is {v}."),
            (
                "what colour is {s}",
                "which colour does {s} have",
                "what is the colour of {s}",
                "what color is {s}",
                "what colour are the walls of {s}",
                "how is {s} painted",
            ),
            "in which colour is {s} painted",
        ),
        Relation(
            "number",
            (
                "{s} has {v} visitors a day.",
                "{v} people visit {s} every day.",
                "Every day {v} guests come to {s}.",
                "{s} receives {v} visitors a day.",
            ),
            (
                "how many visitors does {s} have",
                "how many people visit {s}",
                "how many guests come to {s}",
                "what number of visitors does {s} have",
                "how many visitors come to {s} every day",
            ),
            "how many people come to {s} each day",
        ),
        Relation(
            "hour",
            (
                "{s} opens at {v}.",
                "The doors of {s} open at {v}.",
                "Opening time of {s} is {v}.",
                "You can enter {s} from {v}.",
            ),
            (
                "when does {s} open",
                "at what time does {s} open",
                "what are the opening times of {s}",
                "from when can I enter {s}",
                "what time does {s} open",
                "when do the doors of {s} open",
            ),
            "at which hour does {s} open",
        ),
        Relation(
            "day",
            (
                "{s} is closed on {v}.",
                "On {v}, {s} is closed.",
                "{s} does not open on {v}.",
                "{v} is the day off of {s}.",
            ),
            (
                "when is {s} closed",
                "on which day is {s} closed",
                "which day is {s} closed",
                "what day does {s} close",
                "on what day does {s} not open",
            ),
            "which is the day off of {s}",
        ),
        Relation(
            "material",
            (
                "{s} is made of {v}.",
                "{s} was built from {v}.",
                "The walls of {s} consist of {v}.",
                "They used {v} to build {s}.",
            ),
            (
                "what is {s} made of",
                "of which material is {s}",
                "what material was used for {s}",
                "from what was {s} built",
                "what do the walls of {s} consist of",
            ),
            "which material is {s} made of",
        ),
    ),
    "ko": (
        Relation(
            "year",
            (
                "{s:은/는} {v}년에 지어졌습니다.",
                "{s:은/는} {v}년에 완공되었습니다.",
                "{v}년에 {s:이/가} 지어졌습니다.",
                "{s:이/가} 완성된 해는 {v}년입니다.",
            ),
            (
                "{s:은/는} 언제 지어졌[어|나요|습니까]",
                "{s:이/가} 언제 지어졌어",
                "{s:은/는} 몇 년에 지어졌어",
                "{s:이/가} 완공된 해는 [언제야|언제예요]",
                "{s:은/는} 몇 년에 완공됐어",
                "{s} 언제 지었어",
                "{s:은/는} 언제 생겼어",
            ),
            "{s:이/가} 몇 년도에 완성됐는지 알려 줘",
        ),
        Relation(
            "city",
            (
                "{s:은/는} {v}에 있습니다.",
                "{s:이/가} 있는 곳은 {v}입니다.",
                "{v}에 {s:이/가} 있습니다.",
                "{s:은/는} {v}에 위치합니다.",
            ),
            (
                "{s:은/는} 어디에 있[어|나요|습니까]",
                "{s:이/가} 어디에 있어",
                "{s:이/가} 있는 곳은 어디[야|예요]",
                "{s} 위치가 어디야",
                "{s:은/는} 어느 도시에 있어",
                "{s} 어디 있어",
            ),
            "{s:이/가} 어느 곳에 있는지 말해 줘",
        ),
        Relation(
            "number",
            ("{s:은/는} 높이가 {v}미터입니다.", "{s}의 높이는 {v}미터입니다.", "높이 {v}미터가 {s}의 크기입니다."),
            (
                "{s:은/는} 얼마나 높[아|나요]",
                "{s}의 높이는 [얼마야|얼마예요]",
                "{s:은/는} 높이가 몇 미터[야|예요]",
                "{s} 높이가 어떻게 돼",
                "{s} 높이 알려 줘",
                "{s:은/는} 몇 미터야",
            ),
            "{s:이/가} 몇 미터나 되는지 알려 줘",
        ),
        Relation(
            "price",
            (
                "{s} 입장료는 {v}원입니다.",
                "{s:에} 들어가려면 {v}원을 냅니다.".replace("{s:에}", "{s}에"),
                "{s}의 표는 {v}원입니다.",
                "{s} 관람객은 {v}원을 냅니다.",
            ),
            (
                "{s} 입장료가 얼마[야|예요]",
                "{s}의 표는 얼마[야|예요]",
                "{s}에 들어가려면 얼마를 내야 [해|해요]",
                "{s} 요금이 얼마야",
                "{s} 입장료 알려 줘",
                "{s:은/는} 얼마야",
            ),
            "{s} 표를 사려면 돈이 얼마나 들어",
        ),
        Relation(
            "name",
            ("{s:을/를} 설계한 사람은 {v}입니다.", "{v:이/가} {s:을/를} 설계했습니다.", "{s}의 건축가는 {v}입니다."),
            (
                "{s:을/를} 누가 설계했[어|나요]",
                "{s:을/를} 설계한 사람은 누구[야|예요]",
                "{s}의 건축가는 누구[야|예요]",
                "누가 {s:을/를} 설계했어",
                "{s} 건축가 이름이 뭐야",
                "{s} 설계자가 누구야",
            ),
            "{s:은/는} 어느 건축가의 작품이야",
        ),
        Relation(
            "name",
            ("{s:은/는} {v}의 것입니다.", "{s}의 주인은 {v}입니다.", "{v:이/가} {s:을/를} 소유하고 있습니다."),
            (
                "{s}의 주인은 누구[야|예요]",
                "{s:은/는} 누구 것이야",
                "누가 {s:을/를} 소유하고 있[어|나요]",
                "{s} 주인이 누구야",
                "{s:을/를} 가진 사람이 누구야",
                "{s} 소유자는 누구예요",
            ),
            "{s:이/가} 누구 소유인지 말해 줘",
        ),
        Relation(
            "colour",
            ("{s}의 벽은 {v}입니다.", "{s:은/는} {v:으로/로} 칠해져 있습니다.", "{s}의 색은 {v}입니다."),
            (
                "{s:은/는} 무슨 색이[야|에요]",
                "{s}의 색은 뭐야",
                "{s}의 벽은 무슨 색이야",
                "{s:은/는} 어떤 색으로 칠해져 있어",
                "{s} 색깔이 뭐야",
                "{s} 벽 색이 뭐예요",
            ),
            "{s:이/가} 어떤 색깔인지 알려 줘",
        ),
        Relation(
            "number",
            ("{s}에는 하루에 {v}명이 옵니다.", "하루 {v}명이 {s:을/를} 찾습니다.", "{s}의 하루 방문객은 {v}명입니다."),
            (
                "{s}에는 하루에 몇 명이 [와|와요]",
                "{s}의 방문객은 몇 명이야",
                "몇 명이 {s:을/를} 찾아",
                "{s} 하루 방문객이 얼마나 돼",
                "{s}에 사람이 몇 명 와",
            ),
            "하루에 {s:을/를} 찾는 사람이 몇 명인지 말해 줘",
        ),
        Relation(
            "hour",
            ("{s:은/는} {v}에 문을 엽니다.", "{s}의 문은 {v}에 열립니다.", "{s} 여는 시간은 {v}입니다."),
            (
                "{s:은/는} 몇 시에 [열어|열어요]",
                "{s:은/는} 언제 문을 열어",
                "{s} 여는 시간이 언제야",
                "{s} 문은 몇 시에 열려",
                "{s:이/가} 몇 시에 문을 여나요",
            ),
            "{s:이/가} 문을 여는 시각을 알려 줘",
        ),
        Relation(
            "day",
            ("{s:은/는} {v}에 쉽니다.", "{s}의 쉬는 날은 {v}입니다.", "{v}에는 {s:이/가} 문을 닫습니다."),
            (
                "{s:은/는} 언제 [쉬어|쉬어요]",
                "{s:은/는} 무슨 요일에 쉬어",
                "{s}의 쉬는 날은 언제야",
                "{s} 휴무일이 언제야",
                "{s:이/가} 문을 닫는 요일은 언제예요",
            ),
            "{s:이/가} 쉬는 요일을 말해 줘",
        ),
        Relation(
            "material",
            (
                "{s:은/는} {v:으로/로} 만들어졌습니다.",
                "{s}의 재료는 {v}입니다.",
                "{s:을/를} 지을 때 {v:을/를} 썼습니다.",
            ),
            (
                "{s:은/는} 무엇으로 만들어졌[어|나요]",
                "{s}의 재료는 뭐야",
                "{s:은/는} 뭘로 지었어",
                "{s} 재료가 뭐예요",
                "{s:을/를} 지을 때 뭘 썼어",
            ),
            "{s:이/가} 어떤 재료로 지어졌는지 알려 줘",
        ),
    ),
}

CHOICES: Final[dict[str, dict[Language, tuple[str, ...]]]] = {
    "day": {
        "en": tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()),
        "ko": tuple("월요일 화요일 수요일 목요일 금요일 토요일 일요일".split()),
    },
    "material": {
        "en": tuple("stone wood brick steel glass marble concrete granite iron bamboo clay copper sandstone".split()),
        "ko": tuple("돌 나무 벽돌 강철 유리 대리석 콘크리트 화강암 쇠 대나무 흙 구리 사암".split()),
    },
}

LAYOUTS: Final[dict[Language, tuple[str, ...]]] = {
    "en": (
        "{p}\n\n{q}?",
        "{p}\n\n{q}?",
        "{p}\n\nQuestion: {q}?",
        "{p}\n{q}?",
        "Sources:\n{p}\n\n{q}?",
        "Sources:\n{p}\n\nQuestion: {q}?",
        "Passages:\n{p}\n\nQuestion: {q}?",
        "Answer from the sources and quote them.\n\n{p}\n\n{q}?",
        "Use only these passages.\n{p}\n\nQuestion: {q}?",
        "Read the passages and answer the question with the number of the source.\n\n{p}\n\nQuestion: {q}?",
        "Question: {q}?\n\n{p}",
        "{q}?\n\n{p}",
        "{q}?\n\nSources:\n{p}",
        "Here is what I found:\n{p}\n\n{q}?",
    ),
    "ko": (
        "{p}\n\n{q}?",
        "{p}\n\n{q}?",
        "{p}\n\n질문: {q}?",
        "{p}\n{q}?",
        "자료:\n{p}\n\n{q}?",
        "자료:\n{p}\n\n질문: {q}?",
        "다음 글을 읽고 대답해 줘.\n\n{p}\n\n질문: {q}?",
        "자료에서 찾아 인용해 줘.\n\n{p}\n\n{q}?",
        "이 자료만 사용해서 답해 줘.\n{p}\n\n질문: {q}?",
        "아래 자료를 보고 번호와 함께 대답해 줘.\n\n{p}\n\n질문: {q}?",
        "질문: {q}?\n\n{p}",
        "{q}?\n\n{p}",
        "{q}?\n\n자료:\n{p}",
    ),
}

MISSING: Final[dict[Language, str]] = {
    "en": "The sources do not say.",
    "ko": "자료에 나와 있지 않아요.",
}
