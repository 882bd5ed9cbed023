"""What each phase of training is made of."""

from typing import Final

from maru_training.house.families.arithmetic import Arithmetic
from maru_training.house.families.countries import Countries
from maru_training.house.families.fact_list import FactList
from maru_training.house.families.formats import COUNTED, LETTER_CASE, Formats
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
# Weights are per turn, not per token: a quoting turn is as long as eight sums.
EVERYTHING: Final = Mix(
    families=(
        (Quoting(), 28),
        (FactList(_SHORT), 4),
        (Formats(), 22),
        (Formats(tasks=COUNTED), 24),
        (Formats(tasks=LETTER_CASE), 3),
        (Identity(), 9),
        (SmallTalk(), 9),
        (Arithmetic(), 18),
        (Countries(), 26),
        (Refusals(), 16),
        (Unknown(), 12),
    ),
    memory_share=0.45,
    others=(0, 1, 2, 2, 3, 4, 5, 6, 8, 10),
)
# In the last stretch the exact orders and Korean get more turns: they are the last to be learnt.
LONG: Final = Mix(
    families=(
        (Quoting(), 45),
        (FactList(_SHORT), 5),
        (Formats(), 45),
        (Formats(tasks=COUNTED), 40),
        (Formats(tasks=LETTER_CASE), 3),
        (Identity(), 10),
        (SmallTalk(), 10),
        (Arithmetic(), 8),
        (Countries(), 18),
        (Refusals(), 13),
        (Unknown(), 11),
    ),
    memory_share=0.45,
    others=(0, 1, 2, 3, 4, 6, 8, 10, 14),
    alone=(1, 2, 3, 4, 6, 10, 16),
    korean_share=0.7,
)
# At the very end English gets its share back, and what one is asked about oneself is told from what Maru is asked.
LAST: Final = Mix(
    families=(
        (Quoting(), 45),
        (FactList(_SHORT), 5),
        (Formats(), 45),
        (Formats(tasks=COUNTED), 40),
        (Formats(tasks=LETTER_CASE), 3),
        (Identity(), 24),
        (SmallTalk(), 10),
        (Arithmetic(), 8),
        (Countries(), 36),
        (Refusals(), 13),
        (Unknown(), 11),
    ),
    memory_share=0.6,
    others=(0, 0, 0, 1, 1, 2, 3, 4, 6, 8),
    alone=(1, 2, 3, 4, 6, 10, 16),
    korean_share=0.3,
)
