"""What a small model without a network cannot know, by the reason why; wording only, no rules.

Each group is frames, the topics that fill `{x}`, and the reply.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from maru_training.house.families.base import Language


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that get the same reply.

    Attributes:
        reply: begins with the key phrase that judging looks for.
        topics: what fills {x}; a fifth of them is held out.
        frames: wordings for training.
        held_out: wordings for the evaluation only.
    """

    reply: str
    topics: Sequence[str]
    frames: Sequence[str]
    held_out: Sequence[str]


FUTURE_EN: Final = "I don't know. I cannot see the future."
LIVE_EN: Final = "I don't know. I cannot look things up."
PRIVATE_EN: Final = "I don't know. I only know what you tell me here."
WORLD_EN: Final = "I don't know. I am a small model and know little."
FUTURE_KO: Final = "잘 모르겠습니다. 저는 미래를 알 수 없습니다."
LIVE_KO: Final = "잘 모르겠습니다. 저는 검색할 수 없습니다."
PRIVATE_KO: Final = "잘 모르겠습니다. 저는 여기서 들은 것만 압니다."
WORLD_KO: Final = "잘 모르겠습니다. 저는 작은 모델이라 아는 것이 적습니다."

GROUPS: Final[Mapping[Language, Sequence[Group]]] = {
    "en": (
        Group(
            FUTURE_EN,
            (
                "the lottery numbers", "the winning numbers", "the winner of the match", "the winner of the election",
                "the next president", "the price of gold next year", "the price of bitcoin next week", "my future",
                "the weather next week", "the weather tomorrow", "the date of the next earthquake", "my exam result",
                "the score of the game tomorrow", "the winner of the next World Cup", "the stock market tomorrow",
                "the next big invention", "the day of my wedding", "the name of my future child", "tomorrow's news",
                "the result of the vote", "the price of rice next month", "the temperature tomorrow",
                "the weather on Sunday", "the end of the world", "the price of my house in ten years", "next year's trends",
                "the winning horse", "the number of visitors tomorrow", "my luck tomorrow", "next month's sales",
            ),
            (
                "what will {x} be?", "[can|could] you predict {x}?", "predict {x}.", "tell me {x}.", "guess {x}.",
                "what do you think {x} will be?", "I want to know {x}.", "do you know {x}?", "[can|could] you tell me {x}?",
                "what is {x} going to be?", "forecast {x}.", "give me {x}.", "{x}?", "how will {x} turn out?",
                "what can you say about {x}?", "look into the future: {x}?", "please tell me {x} now.",
                "I need to know {x} today.", "will you tell me {x}?", "what's {x}?",
            ),
            ("any idea what {x} will be?", "let me know {x} before it happens.", "can you see {x}?", "please find out {x} for me."),
        ),
        Group(
            FUTURE_EN,
            (
                "rain tomorrow", "snow next week", "be sunny on Friday", "get the job", "pass the exam", "be rich one day",
                "win the lottery", "get married next year", "live to be a hundred", "be famous", "win the game tonight",
                "move to another city", "have children", "find my keys", "be late tomorrow", "fall in love this year",
                "get a promotion", "go up tomorrow", "go down next week", "be a storm at night", "feel better tomorrow",
                "lose my job", "see a ghost", "be cold in the morning", "travel to the moon", "get good grades",
            ),
            ("will it {x}?", "will I {x}?", "is it going to {x}?", "am I going to {x}?", "do you think I will {x}?", "do you think it will {x}?", "tell me if I will {x}.", "can you say if I will {x}?", "shall I {x}?", "when will I {x}?", "I want to know if I will {x}."),
            ("how sure are you that I will {x}?", "is there any way I will {x}?", "say yes or no: will I {x}?"),
        ),
        Group(
            LIVE_EN,
            (
                "the weather", "the weather today", "the weather outside", "the news", "the news today", "the time", "the date", "the day today",
                "the stock price of Samsung", "the stock price of Apple", "the exchange rate", "the price of gas",
                "the traffic", "the score of the game", "the latest news", "the temperature outside", "the air quality",
                "the price of oil", "the bus times", "the train times", "the number one song now", "today's date",
                "the opening hours of the library", "the cinema program", "the TV program tonight", "the price of eggs",
                "the newest phone", "the current president", "the latest movie", "the price of bitcoin", "the stock market",
                "the year we are in", "today's headlines", "the flight status", "the price of a ticket", "the best restaurant here",
                "the nearest pharmacy", "the phone number of the bank", "the address of the hospital", "the current interest rate",
            ),
            (
                "what is {x}?", "what's {x}?", "what is {x} [now|right now|today|at the moment]?", "tell me {x}.", "how is {x}?",
                "show me {x}.", "look up {x}.", "check {x}.", "search for {x}.", "find {x} online.", "[can|could] you check {x}?",
                "[can|could] you tell me {x}?", "give me {x}.", "do you know {x}?", "I need {x}.", "{x}?", "google {x}.",
                "[can|could] you look up {x}?", "I want to know {x}.", "what about {x}?", "read me {x}.", "how about {x} today?",
            ),
            ("please find out {x}.", "go online and check {x}.", "any news about {x}?", "what do they say about {x} today?"),
        ),
        Group(
            PRIVATE_EN,
            (
                "my password", "my phone number", "my bank balance", "my sister's birthday", "my mother's maiden name",
                "my neighbour's name", "my boss's salary", "my teacher's address", "my friend's secret", "my door code",
                "my wife's phone number", "my dentist's name", "my blood type", "my shoe size", "my wifi password",
                "my grandmother's recipe", "my last message to Anna", "my car's number plate", "my next appointment",
                "my father's age", "my cousin's email", "my brother's plans", "my credit card number", "my school grades",
                "my weight", "my height", "my flight number", "my student number", "my boyfriend's real name", "my passport number",
            ),
            (
                "what is {x}?", "what's {x}?", "tell me {x}.", "do you know {x}?", "[can|could] you tell me {x}?", "guess {x}.",
                "I forgot {x}. what is it?", "remind me of {x}.", "give me {x}.", "look up {x}.", "say {x}.", "what was {x} again?",
                "you must know {x}.", "{x}?", "I need {x}.", "find {x}.", "write down {x}.", "what do you know about {x}?",
            ),
            ("can you find out {x}?", "I don't remember {x}. do you?", "what would {x} be?"),
        ),
        Group(
            PRIVATE_EN,
            (
                "did I eat for lunch", "did I eat this morning", "did I do yesterday", "did I dream last night", "did I say to my boss",
                "did I buy last week", "am I thinking", "am I wearing", "am I holding", "am I doing now", "is in my pocket",
                "is in my bag", "is on my desk", "is behind me", "did my mother say", "did my friend do today", "did I forget",
                "did I watch last night", "did I write in my diary", "did my dog do", "is my neighbour doing", "did I read yesterday",
                "is my brother thinking", "did we talk about last year", "did I lose", "did I cook yesterday", "is in this picture",
            ),
            ("what {x}?", "guess what {x}.", "do you know what {x}?", "tell me what {x}.", "[can|could] you guess what {x}?", "what {x}? you know.", "I forgot what it was. what {x}?", "say what {x}.", "can you tell what {x}?", "well, what {x}?"),
            ("I wonder what {x}.", "any idea what {x}?", "do you remember what {x}?"),
        ),
    ),
    "ko": (
        Group(
            FUTURE_KO,
            (
                "내일 날씨", "다음 주 날씨", "로또 번호", "이번 주 로또 당첨 번호", "당첨 번호", "경기 결과", "선거 결과", "다음 대통령",
                "내년 금값", "다음 주 비트코인 가격", "내 미래", "시험 결과", "내일 경기 점수", "다음 월드컵 우승 팀", "내일 주가",
                "내 결혼 날짜", "내일 뉴스", "다음 달 물가", "내일 기온", "일요일 날씨", "세상의 끝", "십 년 뒤 집값", "내년 유행",
                "우승할 말", "내일 운세", "다음 달 매출", "다음 지진 날짜", "면접 결과", "내 미래의 배우자", "내일 환율", "올해 수능 문제",
            ),
            (
                "{x:은/는} [뭐야|뭐예요|어때|어때요|어떻게 돼|어떻게 돼요|어떻게 될까|어떨까요]?", "{x:을/를} [예측해 줘|예측해 주세요|맞혀 봐|맞혀 봐요]",
                "{x} [알려 줘|알려줘|알려 주세요|말해 줘|말해 주세요]", "{x:을/를} [알려 줘|알려 주세요|말해 줘|말해 주세요]", "{x:이/가} [어떻게 될까|어떻게 될까요|뭘까|뭘까요]?",
                "{x} [알아|아세요|알고 있어|알 수 있어]?", "{x:이/가} [궁금해|궁금해요|궁금합니다]", "{x:을/를} [알고 싶어|알고 싶어요|알고 싶습니다]", "{x}?",
                "{x:이/가} [뭔지|어떤지|어떨지] [알아|아세요|말해 줘|알려 줘]?", "{x} 좀 [알려 줘|알려 주세요|예측해 줘]", "{x:을/를} 미리 [말해 줘|알려 줘|알려 주세요]",
            ),
            ("{x:이/가} 어떻게 될지 [맞혀 봐|말해 봐]", "{x:을/를} 볼 수 [있어|있어요|있나요]?", "{x}, 미리 알 수 있을까[|요]?"),
        ),
        Group(
            FUTURE_KO,
            (
                "비가 올까", "눈이 올까", "부자가 될까", "시험에 붙을까", "취직할 수 있을까", "복권에 당첨될까", "내년에 결혼할까", "백 살까지 살까",
                "유명해질까", "오늘 경기에서 이길까", "이사하게 될까", "주가가 오를까", "집값이 떨어질까", "사랑에 빠질까", "승진할까", "내일 지각할까",
                "병이 나을까", "달에 갈 수 있을까", "성적이 오를까", "아이를 낳을까", "내일 추울까", "태풍이 올까", "친구가 생길까", "살이 빠질까",
            ),
            ("[내가|나는|내일|올해|내년에|제가] {x}?", "[내가|나는|내일|올해|제가] {x}요?", "{x}?", "{x}요?", "[내가|내일|제가] {x} 안 {x}?", "[내가|내일] {x}? [맞혀 봐|말해 줘|알려 줘]", "언젠가 {x}?", "네 생각에는 {x}?", "[내가|내일] {x}? 궁금해"),
            ("과연 [내가|내일] {x}?", "[내가|내일] {x}? 솔직히 말해 줘", "앞으로 {x}[요|]?"),
        ),
        Group(
            LIVE_KO,
            (
                "오늘 날씨", "지금 날씨", "바깥 날씨", "오늘 뉴스", "최신 뉴스", "지금 시간", "지금 시각", "오늘 날짜", "오늘 요일", "삼성전자 주가", "애플 주가",
                "현재 환율", "기름값", "지금 교통 상황", "경기 점수", "바깥 기온", "미세먼지", "버스 시간", "기차 시간", "요즘 1위 노래", "도서관 여는 시간",
                "영화 상영 시간", "오늘 티브이 편성표", "달걀 가격", "최신 휴대폰", "현재 대통령", "최신 영화", "비트코인 가격", "올해 연도", "비행기 도착 시간",
                "표 가격", "근처 맛집", "가까운 약국", "은행 전화번호", "병원 주소", "현재 금리", "실시간 검색어", "코스피 지수", "요즘 유행", "오늘의 헤드라인",
            ),
            (
                "{x:은/는} [뭐야|뭐예요|어때|어때요|어떻게 돼|어떻게 돼요|얼마야|무엇입니까]?", "{x} [알려 줘|알려줘|알려 주세요|말해 줘|말해 주세요|보여 줘]",
                "{x} [검색해 줘|검색해 주세요|찾아 줘|찾아봐|찾아 주세요|확인해 줘|확인해 주세요]", "{x:을/를} [검색해 줘|찾아 줘|찾아 주세요|확인해 줘|알려 줘|알려 주세요]",
                "{x} [어때|어때요|어떤가요|뭐야]?", "{x} [알아|아세요|알고 있어]?", "{x:이/가} [궁금해|궁금해요|뭐야|뭐예요|어떻게 돼]?", "{x:을/를} [알고 싶어|알고 싶어요]",
                "{x}?", "{x} 좀 [알려 줘|찾아 줘|봐 줘|알려 주세요]", "인터넷에서 {x} [찾아 줘|찾아봐|검색해 줘]",
            ),
            ("{x:을/를} 인터넷으로 확인해 [봐|줘]", "{x} 정보 [줘|있어|있어요]?", "지금 {x} [볼 수 있어|볼 수 있나요]?"),
        ),
        Group(
            PRIVATE_KO,
            (
                "내 비밀번호", "내 전화번호", "내 통장 잔액", "동생 생일", "어머니 성함", "옆집 사람 이름", "사장님 월급", "선생님 주소", "친구의 비밀",
                "우리 집 현관 비밀번호", "아내 전화번호", "치과 의사 이름", "내 혈액형", "내 신발 크기", "와이파이 비밀번호", "할머니 요리법", "내 차 번호",
                "다음 약속", "아버지 나이", "사촌 이메일", "형의 계획", "내 카드 번호", "내 학교 성적", "내 몸무게", "내 키", "내 학번", "남자친구 본명",
                "내 여권 번호", "내 주민등록번호", "우리 반 친구들 이름", "내 첫사랑 이름", "내 수험 번호",
            ),
            (
                "{x:은/는} [뭐야|뭐예요|뭐지|무엇인가요|뭐였지]?", "{x:이/가} [뭐야|뭐예요|뭐지|뭐였지|뭐였더라]?", "{x} [알려 줘|알려줘|알려 주세요|말해 줘|말해 주세요]",
                "{x} [알아|아세요|알고 있어|기억해|기억하세요]?", "{x:을/를} [까먹었어|잊어버렸어|잊었어요]. 뭐야?", "{x} [맞혀 봐|맞혀 보세요]", "{x}?",
                "{x:을/를} [말해 줘|알려 줘|알려 주세요|말해 봐]", "{x:이/가} 뭔지 [알아|아세요|말해 줘]?", "{x} 좀 [찾아 줘|알려 줘|말해 봐]",
            ),
            ("{x:을/를} 알아낼 수 [있어|있어요|있나요]?", "{x}, 너는 [알지|알겠지]?", "{x:이/가} 생각이 안 나[|요]. 뭐지[|요]?"),
        ),
        Group(
            PRIVATE_KO,
            (
                "점심에 뭘 먹었", "아침에 뭘 먹었", "어제 뭘 했", "어젯밤에 무슨 꿈을 꿨", "지난주에 뭘 샀", "사장님께 뭐라고 했", "뭘 잊어버렸",
                "어젯밤에 뭘 봤", "일기에 뭐라고 썼", "어제 무슨 책을 읽었", "어디에서 자랐", "어제 누구를 만났", "뭘 잃어버렸", "어제 몇 시에 잤",
                "지난여름에 어디에 갔", "작년에 뭘 배웠", "오늘 몇 걸음을 걸었", "저녁에 뭘 만들었", "첫 월급으로 뭘 샀", "어제 무슨 노래를 들었",
            ),
            ("[내가|나|제가] {x}[어|지|을까|게|어요|죠]?", "[내가|제가] {x}는지 [알아|아세요|맞혀 봐|말해 봐|알려 줘]?", "[내가|나] {x}더라?", "[내가|제가] {x}는지 [기억해|기억하세요|모르겠어|궁금해]?", "맞혀 봐. [내가|나] {x}게?"),
            ("[내가|제가] {x}는지 어떻게 [생각해|생각하세요]?", "혹시 [내가|나] {x}는지 들었어?"),
        ),
    ),
}
