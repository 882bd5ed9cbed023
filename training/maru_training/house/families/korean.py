"""Korean particles: which of a pair follows a word. Knows nothing of sentences.

A particle depends on whether the word, as it is read aloud, ends in a consonant; digits and Latin
letters are read the way Koreans usually say them.
"""

from typing import Final

HANGUL_FIRST: Final = 0xAC00
HANGUL_LAST: Final = 0xD7A3
CODAS: Final = 28
RIEUL: Final = 8
ANY_CODA: Final = 1
NO_CODA: Final = 0

DIGIT_CODAS: Final = {
    "0": ANY_CODA,
    "1": RIEUL,
    "2": NO_CODA,
    "3": ANY_CODA,
    "4": NO_CODA,
    "5": NO_CODA,
    "6": ANY_CODA,
    "7": RIEUL,
    "8": RIEUL,
    "9": NO_CODA,
}
LATIN_CODAS: Final = {"l": RIEUL, "r": NO_CODA, "m": ANY_CODA, "n": ANY_CODA, "b": ANY_CODA, "p": ANY_CODA}

# (after a consonant, after a vowel), by every way people write the pair.
PAIRS: Final = {
    name: (closed, open_)
    for closed, open_ in (
        ("은", "는"),
        ("이", "가"),
        ("을", "를"),
        ("과", "와"),
        ("아", "야"),
        ("이야", "야"),
        ("이에요", "예요"),
        ("이라고", "라고"),
        ("이라", "라"),
        ("이고", "고"),
        ("이란", "란"),
        ("이랑", "랑"),
        ("이나", "나"),
        ("이다", "다"),
        ("이지", "지"),
        ("이었어", "였어"),
        ("이네요", "네요"),
        ("이시군요", "시군요"),
        ("이군요", "군요"),
        ("이니", "니"),
        ("이며", "며"),
        ("이거든", "거든"),
        ("으로", "로"),
    )
    for name in (f"{closed}/{open_}", f"{open_}/{closed}")
}


def with_particle(word: str, pair: str) -> str:
    """Append the particle of a pair that fits the word.

    Args:
        word: any text; its last letter or digit decides. Not empty.
        pair: both forms with a slash, in either order, such as "은/는", "이야/야", "으로/로".

    Returns:
        The word and its particle: with_particle("지훈", "은/는") is "지훈은".

    Raises:
        KeyError: the pair is not one of `PAIRS`.
    """
    closed, open_ = PAIRS[pair]
    coda = final_consonant(word)
    if closed == "으로" and coda == RIEUL:
        return word + open_
    return word + (closed if coda else open_)


def final_consonant(word: str) -> int:
    """Index of the consonant that ends the word when read aloud; 0 is none, 8 is ㄹ."""
    letters = [letter for letter in word if letter.isalnum()]
    if not letters:
        return NO_CODA
    last = letters[-1].lower()
    if HANGUL_FIRST <= ord(last) <= HANGUL_LAST:
        return (ord(last) - HANGUL_FIRST) % CODAS
    if last in DIGIT_CODAS:
        return DIGIT_CODAS[last]
    return LATIN_CODAS.get(last, NO_CODA)
