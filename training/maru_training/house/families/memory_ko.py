"""The facts people tell in Korean: those with wordings of their own, and any noun with "내 ...은"."""

from typing import Final

from maru_training.house.families.korean import with_particle
from maru_training.house.families.memory_wording import Attribute, Phrasings


def plain(noun: str, kind: str) -> Attribute:
    """Any noun that can stand after "내"."""
    return Attribute(
        kind=kind,
        noun=noun,
        reply=noun_topic(noun) + " {v:이에요/예요}.",
        tells=Phrasings(
            train=(
                f"내 {noun_topic(noun)} {{v:이야/야}}",
                f"내 {noun_topic(noun)} {{v:이야/야}}",
                f"내 {noun_topic(noun)} {{v}}",
                f"제 {noun_topic(noun)} {{v:이에요/예요}}",
                f"제 {noun_topic(noun)} {{v}}입니다",
                f"나의 {noun_topic(noun)} {{v:이야/야}}",
                f"{noun_topic(noun)} {{v:이야/야}}",
                f"내 {noun}: {{v}}",
                f"내 {noun} {{v:이야/야}}",
                f"{{v:이/가}} 내 {noun}{_copula(noun)}",
                f"내 {noun_topic(noun)} {{v:이라고/라고}} 해",
                f"제 {noun_topic(noun)} {{v:이라고/라고}} 해요",
                f"내 {noun_topic(noun)} {{v:이거든/거든}}",
                f"내 {noun_topic(noun)} {{v:이지/지}}",
            ),
            held_out=(f"내 {noun_topic(noun)} 바로 {{v:이야/야}}", f"저의 {noun_topic(noun)} {{v:이에요/예요}}"),
        ),
        asks=Phrasings(
            train=(
                f"내 {noun_subject(noun)} 뭐야",
                f"내 {noun_subject(noun)} 뭐야",
                f"내 {noun_topic(noun)} 뭐야",
                f"내 {noun} 뭐야",
                f"내 {noun_subject(noun)} 뭐지",
                f"내 {noun_subject(noun)} 뭐였지",
                f"제 {noun_subject(noun)} 뭐예요",
                f"제 {noun_subject(noun)} 뭐죠",
                f"제 {noun_topic(noun)} 무엇인가요",
                f"내 {noun_subject(noun)} 뭐라고 했지",
                f"내 {noun_subject(noun)} 뭐더라",
                f"나의 {noun_topic(noun)} 뭐야",
            ),
            held_out=(f"내 {noun_subject(noun)} 뭐라고 했더라", f"저의 {noun_topic(noun)} 뭔가요"),
        ),
        embedded=Phrasings(
            train=(
                f"내 {noun_subject(noun)} 뭔지",
                f"내 {noun_subject(noun)} 뭐였는지",
                f"내 {noun_subject(noun)} 무엇인지",
                f"내 {noun}",
                f"내가 말한 {noun}",
                f"제 {noun_subject(noun)} 뭔지",
            ),
            held_out=(f"내 {noun_subject(noun)} 뭐라고 했는지",),
        ),
    )


def noun_topic(noun: str) -> str:
    """The noun with 은 or 는."""
    return with_particle(noun, "은/는")


def noun_subject(noun: str) -> str:
    """The noun with 이 or 가."""
    return with_particle(noun, "이/가")


def _favourite(kind: str, noun: str, verb: str = "좋아하는") -> Attribute:
    """A favourite: 가장 or 제일 좋아하는."""
    best = f"[가장|제일] {verb} {noun}"
    topic = with_particle(best, "은/는")
    subject = with_particle(best, "이/가")
    return Attribute(
        kind=kind,
        noun=f"가장 {verb} {noun}",
        reply=f"가장 {verb} {noun_topic(noun)} {{v:이에요/예요}}.",
        tells=Phrasings(
            train=(
                f"내가 {topic} {{v:이야/야}}",
                f"내가 {topic} {{v:이야/야}}",
                f"제가 {topic} {{v:이에요/예요}}",
                f"제가 {topic} {{v}}입니다",
                f"나는 {noun} 중에 {{v:을/를}} [가장|제일] 좋아해",
                f"저는 {noun} 중에서 {{v:을/를}} [가장|제일] 좋아해요",
                f"{noun_topic(noun)} {{v:이/가}} [제일|가장] 좋아",
                f"{{v:이/가}} 내가 {best}{_copula(noun)}",
                f"{best}: {{v}}",
                f"난 {{v:을/를}} [가장|제일] 좋아해. {noun} 말이야",
                f"{topic} {{v:이야/야}}",
                f"나는 {topic} {{v:이야/야}}",
            ),
            held_out=(f"내 최고의 {noun_topic(noun)} {{v:이야/야}}", f"{noun} 중에서는 {{v:이/가}} 제일 좋더라"),
        ),
        asks=Phrasings(
            train=(
                f"내가 {subject} 뭐야",
                f"내가 {subject} 뭐야",
                f"내가 {topic} 뭐야",
                f"제가 {subject} 뭐예요",
                f"내가 {subject} 뭐였지",
                f"내가 {subject} 뭐라고 했지",
                f"내가 어떤 {noun_object(noun)} [가장|제일] 좋아해",
                f"나는 무슨 {noun_object(noun)} [가장|제일] 좋아하지",
                f"내가 [가장|제일] 좋아한다고 한 {noun_topic(noun)} 뭐야",
            ),
            held_out=(f"내 최고의 {noun_topic(noun)} 뭐야", f"내가 {subject} 뭐라고 했더라"),
        ),
        embedded=Phrasings(
            train=(
                f"내가 {subject} 뭔지",
                f"내가 {subject} 뭐였는지",
                f"내가 {best}",
                f"내가 어떤 {noun_object(noun)} [가장|제일] 좋아하는지",
                f"제가 {subject} 뭔지",
            ),
            held_out=(f"내가 {subject} 뭐라고 했는지",),
        ),
    )


def noun_object(noun: str) -> str:
    """The noun with 을 or 를."""
    return with_particle(noun, "을/를")


def _copula(noun: str) -> str:
    return with_particle(noun, "이야/야").removeprefix(noun)


OWN: Final = (
    Attribute(
        kind="name",
        noun="이름",
        reply="이름은 {v:이에요/예요}.",
        tells=Phrasings(
            train=(
                "내 이름은 {v:이야/야}",
                "내 이름은 {v:이야/야}",
                "내 이름은 {v:이야/야}",
                "내 이름은 {v}",
                "제 이름은 {v:이에요/예요}",
                "제 이름은 {v}입니다",
                "나는 {v:이야/야}",
                "난 {v:이야/야}",
                "저는 {v:이에요/예요}",
                "저는 {v}입니다",
                "나는 {v:이라고/라고} 해",
                "저는 {v:이라고/라고} 해요",
                "저는 {v:이라고/라고} 합니다",
                "{v:이라고/라고} 불러 줘",
                "나를 {v:이라고/라고} 불러 줘",
                "{v:이라고/라고} 불러 주세요",
                "이름은 {v:이야/야}",
                "{v:이/가} 내 이름이야",
                "[친구들은|사람들은|다들] 나를 {v:이라고/라고} 불러",
                "내 이름 {v:이야/야}",
                "내 이름은 {v:이거든/거든}",
                "내 이름은 {v:이라고/라고} 해",
                "이름이 {v:이에요/예요}",
            ),
            held_out=("나의 이름은 {v:이야/야}", "제 이름은 {v:이라고/라고} 합니다", "나 {v:이야/야}"),
        ),
        asks=Phrasings(
            train=(
                "내 이름이 뭐야",
                "내 이름이 뭐야",
                "내 이름은 뭐야",
                "내 이름 뭐야",
                "제 이름이 뭐예요",
                "제 이름이 뭐죠",
                "제 이름은 무엇인가요",
                "내 이름이 뭐지",
                "내 이름이 뭐였지",
                "내 이름 뭐였지",
                "내가 누구야",
                "나는 누구야",
                "내가 누구지",
                "제가 누구예요",
                "나를 뭐라고 불러야 해",
                "내 이름이 뭐라고 했지",
                "내 이름이 뭐더라",
                "내 이름 알아",
                "내 이름 기억해",
                "내 이름을 말해 볼래",
                "내 이름이 무엇이야",
            ),
            held_out=("내 이름은 뭐였지", "제 이름이 뭐였죠", "내 이름이 뭐라고 했더라"),
        ),
        embedded=Phrasings(
            train=(
                "내 이름이 뭔지",
                "내 이름",
                "내 이름이 뭐였는지",
                "내가 누군지",
                "제 이름이 뭔지",
                "내가 말한 이름",
                "내 이름이 무엇인지",
            ),
            held_out=("내가 누구인지", "내 이름이 뭐라고 했는지"),
        ),
    ),
    Attribute(
        kind="age",
        noun="나이",
        reply="나이는 {v}살이에요.",
        tells=Phrasings(
            train=(
                "나는 {v}살이야",
                "나는 {v}살이야",
                "난 {v}살이야",
                "저는 {v}살이에요",
                "저는 {v}살입니다",
                "내 나이는 {v}살이야",
                "내 나이는 {v:이야/야}",
                "제 나이는 {v}살이에요",
                "올해 {v}살이야",
                "나는 올해 {v}살이 됐어",
                "저는 만 {v}세예요",
                "나이는 {v}살이야",
                "나는 {v}살 먹었어",
                "내 나이 {v}살이야",
                "저는 {v}세입니다",
            ),
            held_out=("난 이제 {v}살이야", "제 나이는 {v}세입니다", "올해로 {v}살이에요"),
        ),
        asks=Phrasings(
            train=(
                "내 나이가 몇이야",
                "나는 몇 살이야",
                "내가 몇 살이야",
                "나 몇 살이야",
                "내 나이가 뭐야",
                "제가 몇 살이에요",
                "저는 몇 살이에요",
                "내 나이는",
                "내가 몇 살이지",
                "내가 몇 살이라고 했지",
                "내 나이가 어떻게 돼",
                "제 나이가 어떻게 되죠",
                "나 몇 살이지",
                "내가 몇 살이더라",
            ),
            held_out=("내 나이가 몇 살이야", "제 나이는 몇이죠", "내가 몇 살이었지"),
        ),
        embedded=Phrasings(
            train=("내가 몇 살인지", "내 나이", "내 나이가 몇인지", "제가 몇 살인지", "나 몇 살인지", "내가 말한 나이"),
            held_out=("내 나이가 몇 살인지", "내가 몇 살이라고 했는지"),
        ),
    ),
    Attribute(
        kind="city",
        noun="사는 곳",
        reply="{v}에 살고 있어요.",
        tells=Phrasings(
            train=(
                "나는 {v}에 살아",
                "나는 {v}에 살아",
                "난 {v}에 살아",
                "저는 {v}에 살아요",
                "저는 {v}에 삽니다",
                "나는 {v}에서 살고 있어",
                "저는 {v}에 살고 있어요",
                "나 {v} 살아",
                "우리 집은 {v}에 있어",
                "내가 사는 곳은 {v:이야/야}",
                "제가 사는 곳은 {v:이에요/예요}",
                "내 집은 {v:이야/야}",
                "나는 {v:으로/로} 이사했어",
                "나는 {v} 사람이야",
                "사는 곳은 {v:이야/야}",
                "지금 {v}에 살고 있어",
                "내가 사는 도시는 {v:이야/야}",
                "{v}에 살아",
                "{v}에 살고 있어",
            ),
            held_out=("난 지금 {v}에서 살아", "제 집은 {v}에 있어요", "제가 사는 도시는 {v:이에요/예요}"),
        ),
        asks=Phrasings(
            train=(
                "내가 어디 살아",
                "내가 어디에 살아",
                "나는 어디에 살아",
                "나 어디 살아",
                "내가 사는 곳이 어디야",
                "내가 사는 곳은 어디야",
                "제가 어디에 살아요",
                "저는 어디에 살고 있죠",
                "내가 어디 산다고 했지",
                "우리 집은 어디야",
                "내가 사는 도시가 어디야",
                "내가 어느 도시에 살아",
                "나는 어느 도시에 살고 있어",
                "내가 어디에 살지",
                "내 집이 어디야",
                "내가 어디서 살아",
            ),
            held_out=("내가 지금 어디에 살고 있지", "내가 어디에 산다고 했더라", "제가 사는 도시가 어디죠"),
        ),
        embedded=Phrasings(
            train=(
                "내가 어디 사는지",
                "내가 어디에 사는지",
                "내가 사는 곳",
                "내가 사는 곳이 어디인지",
                "제가 어디 사는지",
                "내가 어느 도시에 사는지",
                "내가 사는 도시",
            ),
            held_out=("우리 집이 어디인지", "내가 어디 산다고 했는지"),
        ),
    ),
    Attribute(
        kind="job",
        noun="직업",
        reply="직업은 {v:이에요/예요}.",
        tells=Phrasings(
            train=(
                "내 직업은 {v:이야/야}",
                "내 직업은 {v:이야/야}",
                "나는 {v:으로/로} 일해",
                "저는 {v:으로/로} 일해요",
                "저는 {v:으로/로} 일하고 있습니다",
                "나는 {v:으로/로} 일하고 있어",
                "제 직업은 {v:이에요/예요}",
                "제 직업은 {v}입니다",
                "직업은 {v:이야/야}",
                "나는 직업이 {v:이야/야}",
                "저는 직업이 {v:이에요/예요}",
                "{v:이/가} 내 직업이야",
                "내가 하는 일은 {v:이야/야}",
                "나는 {v:이/가} 됐어",
                "내 직업 {v:이야/야}",
            ),
            held_out=("난 {v:으로/로} 일하는 중이야", "나의 직업은 {v:이야/야}", "제가 하는 일은 {v:이에요/예요}"),
        ),
        asks=Phrasings(
            train=(
                "내 직업이 뭐야",
                "내 직업은 뭐야",
                "내 직업 뭐야",
                "제 직업이 뭐예요",
                "제 직업은 뭐죠",
                "나는 무슨 일을 해",
                "내가 무슨 일을 해",
                "내가 무슨 일 하지",
                "내 직업이 뭐였지",
                "내가 하는 일이 뭐야",
                "내 직업이 뭐라고 했지",
                "나는 무엇으로 일해",
                "나는 뭐 하는 사람이야",
                "제가 무슨 일을 하죠",
            ),
            held_out=("내가 무슨 일을 한다고 했지", "제 직업이 뭐였죠", "내가 뭘로 일하고 있지"),
        ),
        embedded=Phrasings(
            train=(
                "내 직업이 뭔지",
                "내 직업",
                "내가 무슨 일을 하는지",
                "제 직업이 뭔지",
                "내가 하는 일",
                "내가 말한 직업",
            ),
            held_out=("내가 하는 일이 뭔지", "내 직업이 뭐라고 했는지"),
        ),
    ),
    Attribute(
        kind="hobby",
        noun="취미",
        reply="취미는 {v:이에요/예요}.",
        tells=Phrasings(
            train=(
                "내 취미는 {v:이야/야}",
                "내 취미는 {v:이야/야}",
                "제 취미는 {v:이에요/예요}",
                "제 취미는 {v}입니다",
                "취미는 {v:이야/야}",
                "나는 취미가 {v:이야/야}",
                "저는 취미가 {v:이에요/예요}",
                "{v:이/가} 내 취미야",
                "내 취미 {v:이야/야}",
                "시간이 나면 {v:을/를} 즐겨",
                "나는 쉴 때 {v:을/를} 즐겨",
                "주말에는 {v:을/를} 즐겨요",
                "나는 {v:을/를} 취미로 해",
                "저는 {v:을/를} 취미로 하고 있어요",
                "요즘 취미는 {v:이야/야}",
            ),
            held_out=("난 취미로 {v:을/를} 해", "여가에는 {v:을/를} 즐겨", "나의 취미는 {v:이야/야}"),
        ),
        asks=Phrasings(
            train=(
                "내 취미가 뭐야",
                "내 취미는 뭐야",
                "내 취미 뭐야",
                "제 취미가 뭐예요",
                "제 취미는 뭐죠",
                "내 취미가 뭐였지",
                "나는 취미가 뭐야",
                "내가 쉴 때 뭘 해",
                "내가 시간이 나면 뭘 즐겨",
                "내 취미가 뭐라고 했지",
                "내 취미가 뭐지",
                "내가 취미로 뭘 해",
                "내 취미가 뭐더라",
            ),
            held_out=("내가 취미로 하는 게 뭐야", "제 취미가 뭐였죠", "내 취미가 뭐라고 했더라"),
        ),
        embedded=Phrasings(
            train=("내 취미가 뭔지", "내 취미", "내가 취미로 뭘 하는지", "제 취미가 뭔지", "내가 말한 취미"),
            held_out=("내 취미가 뭐였는지", "내가 쉴 때 뭘 하는지"),
        ),
    ),
    Attribute(
        kind="animal",
        noun="반려동물",
        reply="{v:을/를} 키우고 있어요.",
        tells=Phrasings(
            train=(
                "나는 {v:을/를} 키워",
                "나는 {v:을/를} 키우고 있어",
                "난 {v:을/를} 키워",
                "저는 {v:을/를} 키워요",
                "저는 {v:을/를} 키우고 있어요",
                "우리 집에 {v:이/가} 있어",
                "나는 {v} 한 마리를 키워",
                "내 반려동물은 {v:이야/야}",
                "제 반려동물은 {v:이에요/예요}",
                "집에서 {v:을/를} 길러",
                "나는 {v:과/와} 같이 살아",
                "나는 {v:을/를} 입양했어",
                "{v:을/를} 키우고 있어",
                "나 {v} 키워",
            ),
            held_out=(
                "저는 집에서 {v:을/를} 키웁니다",
                "우리 집에는 {v:이/가} 살아",
                "{v:을/를} 한 마리 키우고 있어요",
            ),
        ),
        asks=Phrasings(
            train=(
                "내가 키우는 동물이 뭐야",
                "나는 무슨 동물을 키워",
                "내가 뭘 키워",
                "나 뭐 키워",
                "내 반려동물이 뭐야",
                "내 반려동물은 뭐야",
                "제가 키우는 동물이 뭐예요",
                "우리 집에 무슨 동물이 있어",
                "내가 뭘 키운다고 했지",
                "내가 어떤 동물을 키우고 있어",
                "제가 무슨 동물을 키우죠",
            ),
            held_out=("내가 집에서 키우는 게 뭐야", "내가 무슨 동물을 키운다고 했지"),
        ),
        embedded=Phrasings(
            train=(
                "내가 뭘 키우는지",
                "내가 무슨 동물을 키우는지",
                "내 반려동물이 뭔지",
                "내가 키우는 동물",
                "내 반려동물",
            ),
            held_out=("내가 어떤 동물을 키우는지",),
        ),
    ),
    Attribute(
        kind="month",
        noun="생일이 있는 달",
        reply="생일은 {v:이에요/예요}.",
        tells=Phrasings(
            train=(
                "내 생일은 {v:이야/야}",
                "내 생일은 {v}에 있어",
                "나는 {v}에 태어났어",
                "저는 {v}에 태어났어요",
                "제 생일은 {v:이에요/예요}",
                "제 생일은 {v}입니다",
                "생일은 {v:이야/야}",
                "난 {v}에 태어났어",
                "나는 {v}생이야",
                "내가 태어난 달은 {v:이야/야}",
                "{v:이/가} 내 생일이야",
            ),
            held_out=("나는 생일이 {v:이야/야}", "제가 태어난 달은 {v:이에요/예요}"),
        ),
        asks=Phrasings(
            train=(
                "내 생일이 언제야",
                "내 생일은 언제야",
                "내 생일이 몇 월이야",
                "내가 몇 월에 태어났어",
                "나는 언제 태어났어",
                "제 생일이 언제예요",
                "제 생일은 몇 월이죠",
                "내 생일이 언제였지",
                "내가 태어난 달이 언제야",
                "내 생일 언제야",
                "내 생일이 몇 월이라고 했지",
            ),
            held_out=("내 생일이 언제라고 했지", "내가 몇 월에 태어났다고 했지"),
        ),
        embedded=Phrasings(
            train=(
                "내 생일이 언제인지",
                "내 생일",
                "내가 몇 월에 태어났는지",
                "내 생일이 몇 월인지",
                "제 생일이 언제인지",
            ),
            held_out=("내가 언제 태어났는지",),
        ),
    ),
    _favourite("colour", "색"),
    _favourite("colour", "색깔"),
    _favourite("food", "음식"),
    _favourite("food", "요리"),
    _favourite("animal", "동물"),
    _favourite("number", "숫자"),
    _favourite("music", "음악"),
    _favourite("sport", "운동"),
    _favourite("sport", "스포츠"),
    _favourite("drink", "음료"),
    _favourite("season", "계절"),
    _favourite("city", "도시"),
    _favourite("thing", "책"),
    _favourite("thing", "영화"),
    _favourite("thing", "꽃"),
    _favourite("thing", "노래"),
    _favourite("thing", "게임"),
    _favourite("thing", "과목"),
    _favourite("word", "단어"),
)

PEOPLE: Final = "언니 동생 누나 오빠 형 엄마 아빠 친구 선생님 사장님 아내 남편 아들 딸 삼촌 이모 사촌 짝꿍".split()
PETS: Final = "강아지 고양이 토끼 햄스터 앵무새 거북이 반려동물 금붕어 말".split()
NUMBERS: Final = (
    "행운의 숫자,현관 비밀번호,방 번호,전화번호,사물함 번호,좌석 번호,집 번지,주문 번호,버스 번호,학번,신발 치수,"
    "사원 번호,자리 번호,예약 번호,비밀번호,번호,출석 번호,차 번호"
).split(",")
THINGS: Final = (
    "회사,학교,차,동네,팀,별명,성,아이디,프로젝트,암호,고향,나라,꿈,밴드,대학교,전공,자전거,노트북,마을,별자리,혈액형,목표,"
    "선물,식물,가게,호텔,악기,점심,아침 메뉴,저녁 메뉴,부서,동아리,국적,닉네임,영어 이름,특기,첫사랑,장래 희망,최애"
).split(",")

FREE: Final = (
    *(plain(f"{who} 이름", "name") for who in (*PEOPLE, *PETS)),
    *(
        plain(f"{who} {what}", kind)
        for who in PEOPLE
        for what, kind in (("직업", "job"), ("나이", "age"), ("취미", "hobby"), ("고향", "city"))
    ),
    *(plain(noun, "code" if "비밀번호" in noun else "number") for noun in NUMBERS),
    *(plain(noun, "thing") for noun in THINGS),
)
