"""What is typed into an input method, and what a chat must have sent after each step."""

from dataclasses import dataclass

SLOW_MS, FAST_MS = 90, 6
"""Between two keys; faster than any typist, so that some come in while the input method thinks about those before."""
BRISK_MS = 40
"""For an engine that loses letters which come faster: Anthy's, which is a program in Python."""
CHOSEN = "*"
"""Stands for what the recording has in the box: which candidate is first, the dictionary decides."""


@dataclass(frozen=True, slots=True)
class Step:
    """Keys that are pressed one after another, by their names of X11, and the text that a chat sends because of them.

    Attributes:
        keys: names as xdotool takes them, such as `a`, `Return` or `shift+Return`.
        sends: what must be sent by the end of this step, or `CHOSEN`; None when nothing may be.
        delay_ms: between two keys.
    """

    keys: str
    sends: str | None = None
    delay_ms: int = SLOW_MS


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing that a person does; its name says what must happen."""

    name: str
    steps: tuple[Step, ...]


HANGUL = (
    Scenario("enter in the middle of a syllable sends once", (Step("d k s s u d Return", "안녕"),)),
    Scenario("fast typing sends once", (Step("d k s s u d g k t p d y Return", "안녕하세요", FAST_MS),)),
    Scenario(
        "backspace takes letters off the syllable",
        (Step("d k s BackSpace BackSpace k s s u d Return", "안녕"),),
    ),
    Scenario(
        "the second enter sends nothing more",
        (Step("d k s s u d Return", "안녕"), Step("Return")),
    ),
    Scenario("two enters in a row send once", (Step("d k s s u d Return Return", "안녕", FAST_MS),)),
    Scenario("enter after a space sends once", (Step("d k s s u d space"), Step("Return", "안녕"))),
    Scenario(
        "the next message is sent too",
        (Step("d k s s u d Return", "안녕"), Step("d m d Return", "응")),
    ),
    Scenario("a single letter is a syllable", (Step("z z Return", "ㅋㅋ"),)),
    Scenario("shift and enter begin a line", (Step("d k s s u d shift+Return"), Step("d m d Return", "안녕\n응"))),
    Scenario(
        "enter in the list of hanja chooses",
        (Step("g k s F9"), Step("Return"), Step("Return", CHOSEN)),
    ),
)

PINYIN = (
    Scenario("space chooses the first candidate", (Step("n i h a o space"), Step("Return", "你好"))),
    Scenario("a number chooses a candidate", (Step("n i h a o 1"), Step("Return", "你好"))),
    Scenario("enter takes the letters as they are", (Step("n i h a o Return"), Step("Return", "nihao"))),
    Scenario(
        "fast typing, then enter",
        (Step("n i h a o space n i h a o Return", None, FAST_MS), Step("Return", "你好nihao")),
    ),
    Scenario("escape gives the word up", (Step("n i h a o Escape"), Step("n i h a o space"), Step("Return", "你好"))),
)

ROMAJI = (
    Scenario(
        "enter commits the converted word, the second sends",
        (Step("n i h o n g o space"), Step("Return"), Step("Return", "日本語")),
    ),
    Scenario("enter commits kana", (Step("n i h o n g o Return"), Step("Return", "にほんご"))),
    Scenario(
        "enter in the list of candidates chooses",
        (Step("n i h o n g o space space space space"), Step("Return"), Step("Return", CHOSEN)),
    ),
    Scenario(
        "typing on commits the word before",
        (Step("n i h o n g o space n o"), Step("Return"), Step("Return", "日本語の")),
    ),
    Scenario("fast typing, then enter", (Step("n i h o n g o space Return", None, BRISK_MS), Step("Return", "日本語"))),
    Scenario("katakana by F7", (Step("n i h o n g o F7"), Step("Return"), Step("Return", "ニホンゴ"))),
)
