"""Questions about the wide world that a model of this size has no room to learn; the reply says so."""

from collections.abc import Mapping, Sequence
from typing import Final

from maru_training.house.families.base import Language
from maru_training.house.families.unknown_topics import WORLD_EN, WORLD_KO, Group

BOOKS_EN: Final = (
    "Hamlet", "the Odyssey", "Moby Dick", "Don Quixote", "War and Peace", "Faust", "the Iliad", "Emma", "Dracula", "Ulysses",
    "the Mona Lisa", "the Ninth Symphony", "Swan Lake", "Carmen", "Yesterday", "Jane Eyre", "Pinocchio", "Frankenstein",
    "the Magic Flute", "Starry Night", "Guernica", "The Scream", "Les Miserables", "Macbeth", "Heidi", "Peter Pan",
    "Gone with the Wind", "Treasure Island", "Robinson Crusoe", "The Four Seasons", "Oliver Twist", "Anna Karenina",
)
THINGS_EN: Final = (
    "the telephone", "the light bulb", "the telescope", "paper", "the radio", "the bicycle", "penicillin", "the zipper",
    "the steam engine", "the microscope", "dynamite", "the camera", "the airplane", "the elevator", "the printing press",
    "television", "the compass", "the battery", "the typewriter", "the clock", "the umbrella", "the internet", "soap", "glass",
    "the ballpoint pen", "the computer mouse", "the piano", "the laser", "the transistor", "the thermometer", "the vaccine",
)
PEOPLE_EN: Final = (
    "Einstein", "Newton", "Napoleon", "Mozart", "Cleopatra", "Beethoven", "Shakespeare", "Picasso", "Gandhi", "Galileo",
    "Marie Curie", "Darwin", "Plato", "Aristotle", "Columbus", "Lincoln", "Bach", "Michelangelo", "Tesla", "Confucius",
    "Alexander the Great", "Julius Caesar", "Joan of Arc", "Marco Polo", "Sejong", "Yi Sun-sin", "Queen Victoria", "Kant",
    "Freud", "Chopin", "Van Gogh", "Rembrandt", "Pythagoras", "Socrates", "Nelson Mandela", "Ada Lovelace", "Alan Turing",
)
EVENTS_EN: Final = (
    "the French Revolution", "World War One", "World War Two", "the moon landing", "the Korean War", "the Cold War",
    "the Renaissance", "the Black Death", "the fall of Rome", "the battle of Waterloo", "the Boston Tea Party", "the Ice Age",
    "the Industrial Revolution", "the Great Fire of London", "the Joseon dynasty", "the Trojan War", "the gold rush",
    "the first Olympics", "the Hundred Years' War", "the Big Bang", "the March First Movement", "the American Civil War",
)
SCIENCE_EN: Final = (
    "quantum physics", "photosynthesis", "the theory of relativity", "black holes", "DNA", "gravity", "electricity", "evolution",
    "plate tectonics", "inflation", "the human brain", "the immune system", "magnetism", "nuclear fusion", "machine learning",
    "string theory", "enzymes", "atoms", "dark matter", "the water cycle", "the heart", "antibiotics", "osmosis", "entropy",
    "volcanoes", "the stock exchange", "blockchain", "philosophy", "calculus", "algebra", "the ozone layer", "supernovas",
    "cell division", "democracy", "capitalism", "stoicism", "existentialism", "game theory", "cryptography", "the periodic table",
)
PLACES_EN: Final = (
    "Mount Everest", "the Eiffel Tower", "the Nile", "the Moon", "Mars", "the Great Wall", "Jupiter", "the Amazon", "the Sahara",
    "the Pacific Ocean", "Niagara Falls", "the Golden Gate Bridge", "Hallasan", "the Han River", "Big Ben", "the Grand Canyon",
    "the Sun", "Saturn", "Lake Baikal", "the Great Pyramid", "the Suez Canal", "Mount Fuji", "the Danube", "the Rhine", "Pluto",
    "the Colosseum", "Stonehenge", "the Panama Canal", "the Dead Sea", "Kilimanjaro",
)
BOOKS_KO: Final = (
    "햄릿", "오디세이아", "모비 딕", "돈키호테", "전쟁과 평화", "파우스트", "홍길동전", "춘향전", "드라큘라", "모나리자", "구운몽", "백조의 호수",
    "카르멘", "제인 에어", "피노키오", "프랑켄슈타인", "마술피리", "게르니카", "절규", "레 미제라블", "맥베스", "하이디", "피터 팬", "보물섬",
    "로빈슨 크루소", "사계", "올리버 트위스트", "토지", "소나기", "메밀꽃 필 무렵", "어린 왕자", "삼국유사", "열하일기",
)
THINGS_KO: Final = (
    "전화기", "전구", "망원경", "종이", "라디오", "자전거", "페니실린", "지퍼", "증기 기관", "현미경", "카메라", "비행기", "엘리베이터", "인쇄기",
    "텔레비전", "나침반", "건전지", "타자기", "시계", "우산", "인터넷", "비누", "유리", "볼펜", "마우스", "피아노", "레이저", "트랜지스터", "온도계",
    "측우기", "거북선", "금속 활자", "백신", "냉장고",
)
PEOPLE_KO: Final = (
    "아인슈타인", "뉴턴", "나폴레옹", "모차르트", "클레오파트라", "베토벤", "셰익스피어", "피카소", "간디", "갈릴레이", "퀴리 부인", "다윈", "플라톤",
    "아리스토텔레스", "콜럼버스", "링컨", "바흐", "미켈란젤로", "테슬라", "공자", "알렉산더 대왕", "카이사르", "잔 다르크", "마르코 폴로", "세종대왕",
    "이순신", "빅토리아 여왕", "칸트", "프로이트", "쇼팽", "반 고흐", "렘브란트", "피타고라스", "소크라테스", "만델라", "김구", "유관순", "신사임당",
)
EVENTS_KO: Final = (
    "프랑스 혁명", "제1차 세계 대전", "제2차 세계 대전", "달 착륙", "한국 전쟁", "냉전", "르네상스", "흑사병", "로마의 멸망", "워털루 전투", "임진왜란",
    "빙하기", "산업 혁명", "런던 대화재", "조선 건국", "트로이 전쟁", "골드러시", "첫 올림픽", "백년 전쟁", "빅뱅", "삼일 운동", "미국 남북 전쟁",
    "병자호란", "갑오개혁", "동학 농민 운동",
)
SCIENCE_KO: Final = (
    "양자 역학", "광합성", "상대성 이론", "블랙홀", "디엔에이", "중력", "전기", "진화", "판 구조론", "인플레이션", "뇌", "면역 체계", "자기장", "핵융합",
    "기계 학습", "끈 이론", "효소", "원자", "암흑 물질", "물의 순환", "심장", "항생제", "삼투 현상", "엔트로피", "화산", "증권 거래소", "블록체인", "철학",
    "미적분", "대수학", "오존층", "초신성", "세포 분열", "민주주의", "자본주의", "실존주의", "게임 이론", "암호학", "주기율표", "성리학",
)
PLACES_KO: Final = (
    "에베레스트산", "에펠탑", "나일강", "달", "화성", "만리장성", "목성", "아마존강", "사하라 사막", "태평양", "나이아가라 폭포", "금문교", "한라산", "한강",
    "빅벤", "그랜드 캐니언", "태양", "토성", "바이칼호", "대피라미드", "수에즈 운하", "후지산", "다뉴브강", "라인강", "명왕성", "콜로세움", "스톤헨지",
    "파나마 운하", "사해", "백두산", "지리산", "설악산",
)

LEAD_EN: Final = "[|tell me |do you know |can you tell me |I want to know |please tell me ]"
TELL_KO: Final = "[알려 줘|알려 주세요|말해 줘|설명해 줘|설명해 주세요]"
KNOW_KO: Final = "[알아|아세요|알고 있어|알려 줘|알려 주세요|궁금해]"

WORLD_GROUPS: Final[Mapping[Language, Sequence[Group]]] = {
    "en": (
        Group(
            WORLD_EN, BOOKS_EN,
            (LEAD_EN + "who [wrote|painted|composed|created|made] {x}?", "who is the [author|creator|artist] of {x}?", "when was {x} made?", LEAD_EN + "what {x} is about.", "what is {x} about?", "{x} is by whom?", "who is behind {x}?", "how old is {x}?", "by whom is {x}?", "what is the story of {x}?"),
            ("{x} was made by whom?", "what do you know about the author of {x}?", "tell me the story of {x}."),
        ),
        Group(
            WORLD_EN, THINGS_EN,
            (LEAD_EN + "who invented {x}?", LEAD_EN + "who [discovered|made] {x}?", "when was {x} invented?", "who is the inventor of {x}?", "{x} was invented by whom?", "where was {x} invented?", "who came up with {x}?", "how was {x} invented?", "who built the first one: {x}?"),
            ("who made {x} for the first time?", "what is the name of the inventor of {x}?", "{x}: who invented it?"),
        ),
        Group(
            WORLD_EN, PEOPLE_EN,
            (LEAD_EN + "who was {x}?", "when was {x} born?", "when did {x} die?", "where was {x} born?", "tell me about {x}.", "what did {x} do?", "why is {x} famous?", "who was {x} married to?", "what do you know about {x}?", "how old was {x}?", "give me the life of {x}.", "write about {x}.", "what is {x} known for?"),
            ("tell me the life of {x}.", "in what year was {x} born?", "do you know anything about {x}?"),
        ),
        Group(
            WORLD_EN, EVENTS_EN,
            (LEAD_EN + "when [did {x} happen|was {x}]?", "why did {x} happen?", "what happened in {x}?", "tell me about {x}.", "in which year was {x}?", "what caused {x}?", "how did {x} end?", "how long did {x} last?", "explain {x}.", "who took part in {x}?", "what was {x}?"),
            ("what do you know about {x}?", "in what year did {x} start?", "how did {x} begin?"),
        ),
        Group(
            WORLD_EN, SCIENCE_EN,
            ("[|can you |please |could you ]explain {x}.", "how does {x} work?", "what is {x}?", "tell me about {x}.", "teach me {x}.", "why is there {x}?", "what do you know about {x}?", "define {x}.", "describe {x}.", "give me a lecture on {x}.", "how do {x} work?", "write an essay about {x}.", "summarize {x}.", "what are {x}?", "who discovered {x}?"),
            ("help me understand {x}.", "tell me how {x} works.", "what can you tell me about {x}?"),
        ),
        Group(
            WORLD_EN, PLACES_EN,
            (LEAD_EN + "how [tall|big|long|high|old|far|deep|heavy|wide] is {x}?", "how far away is {x}?", "what is the [height|size|age|length] of {x}?", "who built {x}?", "when was {x} built?", "tell me about {x}.", "what is special about {x}?", "who discovered {x}?"),
            ("do you know the size of {x}?", "give me the height of {x}.", "what do you know about {x}?"),
        ),
    ),
    "ko": (
        Group(
            WORLD_KO, BOOKS_KO,
            ("{x:은/는} 누가 [썼어|썼어요|그렸어|만들었어|만들었어요|지었나요|썼나요]?", "{x:을/를} [쓴|그린|만든|지은] 사람[은 누구야|은 누구예요|이 누구야|은|을 알려 줘|은 누구인가요]?", "{x}[의|] [작가|지은이|작곡가|화가][는 누구야|는 누구예요|가 누구야|가 누구예요|는 누구인가요]?", "{x}[의|] 줄거리[가 뭐야|를 알려 줘|는 뭐예요|는]?", "{x:은/는} 언제 [나왔어|나왔어요|만들어졌어]?", "{x:은/는} 무슨 [내용이야|이야기야|내용이에요]?", "누가 {x:을/를} [썼어|만들었어|그렸어|썼나요]?"),
            ("{x:이/가} 누구 작품[이야|이에요|인지 알아]?", "{x} 내용 좀 " + TELL_KO, "{x:을/를} 처음 만든 게 누구[야|예요]?"),
        ),
        Group(
            WORLD_KO, THINGS_KO,
            ("{x:은/는} 누가 [발명했어|발명했어요|만들었어|발명했나요]?", "{x:을/를} [발명한|처음 만든|만든] 사람[은 누구야|은 누구예요|이 누구야|은|을 알려 줘|은 누구인가요]?", "{x:은/는} 언제 [발명됐어|발명됐어요|만들어졌어|나왔나요]?", "누가 {x:을/를} [발명했어|발명했어요|만들었어|발명했나요]?", "{x}[의|] 발명가[는 누구야|는 누구예요|가 누구야]?", "{x:은/는} 어떻게 [발명됐어|발명됐나요]?", "{x}[의|] 역사[를|] " + TELL_KO),
            ("{x:이/가} 처음 나온 건 [언제야|언제예요]?", "{x} 발명한 사람 이름이 [뭐야|뭐예요]?", "{x:은/는} 누구의 발명이[야|에요]?"),
        ),
        Group(
            WORLD_KO, PEOPLE_KO,
            ("{x:은/는} [누구야|누구예요|누구인가요|누구지|누구였어]?", "{x:은/는} 언제 [태어났어|태어났어요|태어났나요|죽었어|죽었나요]?", "{x:은/는} 어디에서 [태어났어|태어났어요|태어났나요]?", "{x}에 대해 " + TELL_KO, "{x:은/는} 뭘 [했어|했어요|했나요]?", "{x:은/는} 왜 [유명해|유명해요|유명한가요]?", "{x:이/가} 누군지 " + KNOW_KO, "{x}[의|] [일생|생애|업적][을|] " + TELL_KO, "{x:이/가} 태어난 해[는|가 언제야|는 언제예요]?"),
            ("{x:이/가} 어떤 사람인지 " + KNOW_KO, "{x}의 생일은 [언제야|언제예요]?", "{x} 이야기[를|] 해 [줘|주세요]"),
        ),
        Group(
            WORLD_KO, EVENTS_KO,
            ("{x:은/는} 언제 [일어났어|일어났어요|있었어|있었나요|시작됐어]?", "{x:은/는} 왜 [일어났어|일어났어요|일어났나요]?", "{x}에 대해 " + TELL_KO, "{x:은/는} 몇 년에 [있었어|있었어요|일어났어]?", "{x}[의|] [원인|결과][이 뭐야|은|을 알려 줘]?", "{x:은/는} 어떻게 [끝났어|끝났어요|끝났나요]?", "{x:은/는} [뭐야|뭐예요|무엇인가요]?", "{x}, 몇 년도[야|예요]?"),
            ("{x} 때 무슨 일이 있었[어|어요|나요]?", "{x:이/가} 시작된 해[는|를] " + KNOW_KO, "{x:을/를} 설명할 수 있[어|어요|나요]?"),
        ),
        Group(
            WORLD_KO, SCIENCE_KO,
            ("{x} " + TELL_KO, "{x:을/를} " + TELL_KO, "{x:이/가} [뭐야|뭐예요|뭔가요|무엇인가요|뭐지]?", "{x:은/는} [뭐야|뭐예요|뭔가요|무엇인가요]?", "{x}에 대해 " + TELL_KO, "{x:은/는} 어떻게 [작동해|작동해요|되는 거야|작동하나요]?", "{x:을/를} [가르쳐 줘|가르쳐 주세요]", "{x:을/를} 누가 발견했어?", "{x:이란/란} [뭐야|뭐예요|무엇인가요]?", "{x}[의|] 원리[는|가 뭐야|를 알려 줘]?", "{x} 쉽게 " + TELL_KO),
            ("{x:이/가} 뭔지 이해하고 싶어[|요]", "{x}에 대해 아는 게 있[어|어요|나요]?", "{x} 좀 가르쳐 줄[래|래요]?"),
        ),
        Group(
            WORLD_KO, PLACES_KO,
            ("{x:은/는} [얼마나|] [높아|커|길어|커요|깊어|멀어|무거워|오래됐어]?", "{x}[의|] [높이|크기|길이|깊이|나이|무게][는|는 얼마야|는 얼마예요|를 알려 줘|가 얼마야|가 어떻게 돼]?", "{x:은/는} 누가 [지었어|만들었어|발견했어|발견했나요]?", "{x}까지 얼마나 [멀어|멀어요|걸려|걸려요]?", "{x}에 대해 " + TELL_KO, "{x:은/는} 언제 [만들어졌어|지어졌어|생겼어|생겼나요]?", "{x:은/는} 왜 [유명해|유명해요]?"),
            ("{x:이/가} 얼마나 큰지 " + KNOW_KO, "{x:은/는} 몇 미터[야|예요|인가요]?", "{x} 이야기[를|] 해 [줘|주세요]"),
        ),
    ),
}
