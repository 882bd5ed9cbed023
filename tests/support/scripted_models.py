"""Models of the browser tests: the house model, and scripted ones that do one thing each."""

from support.echo_models import BROKEN, BUSY, ECHO, THINKER, counting, echo_model

WORDS_OF_SLOW = 120
WORDS_OF_STEADY = 400
WORDS_OF_BRIEF = 10
HOUSE = """
default_model = "house"

[[models]]
id = "house"
backend = "transformers"
source = "house"

[models.memory]
policy = "summarise"
window = 320
"""
FORGETFUL = echo_model("forgetful", context_window=200)
SUMMARISES = """
[models.memory]
policy = "summarise"
summary_model = "scribe"
"""
SUMMARISING = "".join((echo_model("summarising", context_window=200), SUMMARISES, counting("scribe", 5)))
# For what a person does in the middle of an answer: on a machine that does something else too, that takes a while.
STEADY = counting("steady", WORDS_OF_STEADY, pace=20)
COUNTING = (counting("slow", WORDS_OF_SLOW, pace=30), STEADY, counting("brief", WORDS_OF_BRIEF, pace=50))
MUSING = echo_model("musing", script="reason", pace_tokens_per_s=8)
NAMES = """
[models.memory]
summary_model = "namer"
"""
TITLED = "".join((echo_model("titled"), NAMES, counting("namer", 3)))
MODELS = (HOUSE, ECHO, *COUNTING, THINKER, MUSING, BROKEN, BUSY, FORGETFUL, SUMMARISING, TITLED)
CONFIG = "".join(MODELS)
