"""What each phase of training is made of."""

from typing import Final

from maru_training.house.families.arithmetic import Arithmetic
from maru_training.house.families.countries import Countries
from maru_training.house.families.fact_list import FactList
from maru_training.house.families.formats import Formats
from maru_training.house.families.identity import Identity
from maru_training.house.families.quoting import Quoting
from maru_training.house.families.refusals import Refusals
from maru_training.house.families.small_talk import SmallTalk
from maru_training.house.families.unknown import Unknown
from maru_training.house.sessions import Mix

_SHORT: Final = (Identity(), Unknown(), Countries(), Arithmetic(), SmallTalk())

COPYING: Final = Mix(
    families=(
        (Quoting(), 26),
        (FactList(_SHORT), 8),
        (Formats(), 22),
        (Identity(), 4),
        (SmallTalk(), 4),
        (Arithmetic(), 12),
        (Countries(), 12),
        (Refusals(), 6),
        (Unknown(), 6),
    ),
    memory_share=0.7,
    others=(0, 0, 0, 0, 0, 1, 1, 2),
    alone=(1, 1, 2, 3),
)
EVERYTHING: Final = Mix(
    families=(
        (Quoting(), 16),
        (FactList(_SHORT), 6),
        (Formats(), 12),
        (Identity(), 6),
        (SmallTalk(), 6),
        (Arithmetic(), 14),
        (Countries(), 24),
        (Refusals(), 10),
        (Unknown(), 6),
    ),
    memory_share=0.45,
    others=(0, 1, 2, 2, 3, 4, 5, 6),
)
LONG: Final = Mix(
    families=EVERYTHING.families,
    memory_share=0.6,
    others=(0, 1, 3, 4, 6, 8, 10, 12, 16, 22),
    alone=(1, 2, 4, 6, 10, 16),
)
