"""Models of the browser tests: the house model, and scripted ones that do one thing each."""

from support.echo_models import BROKEN, BUSY, ECHO, THINKER, counting, echo_model

WORDS_OF_SLOW = 120
HOUSE = """
default_model = "house"

[[models]]
id = "house"
backend = "transformers"
source = "house"
"""
FORGETFUL = echo_model("forgetful", context_window=200)
CONFIG = "".join((HOUSE, ECHO, counting("slow", WORDS_OF_SLOW, pace=30), THINKER, BROKEN, BUSY, FORGETFUL))
