"""Korean verb endings on a bare stem. Knows regular verbs only."""

from typing import Final

from maru_training.house.families.korean import CODAS, HANGUL_FIRST, RIEUL

BIEUP: Final = 17
SIOT_IRREGULAR: Final = ("긋",)
BIEUP_IRREGULAR: Final = ("돕", "굽", "눕", "줍")


def with_ending(stem: str, ending: str) -> str:
    """Join a stem and an ending.

    Args:
        stem: what is left of the dictionary form without 다, such as "만들" or "죽이"; words may precede it.
        ending: "는", "고", "려" (to which the caller adds 면 or 고), "나" (요 follows) or "ㄹ" (수 follows).

    Returns:
        "만드는", "죽이고", "먹으려", "만드나", "죽일": the joined form.
    """
    coda = (ord(stem[-1]) - HANGUL_FIRST) % CODAS
    if ending in {"는", "나"}:
        return _without_coda(stem, coda) + ending if coda == RIEUL else stem + ending
    if ending == "고" or coda == RIEUL:
        return stem + ("" if ending == "ㄹ" else ending)
    if coda and stem[-1] in BIEUP_IRREGULAR:
        stem, coda, linked = _without_coda(stem, coda), 0, "우"
    elif coda and stem[-1] in SIOT_IRREGULAR:
        stem, linked = _without_coda(stem, coda), "으"
    else:
        linked = "으" if coda else ""
    stem += linked
    return chr(ord(stem[-1]) + RIEUL).join((stem[:-1], "")) if ending == "ㄹ" else stem + ending


def _without_coda(stem: str, coda: int) -> str:
    return stem[:-1] + chr(ord(stem[-1]) - coda)
