"""Models of the browser tests: the house model, and scripted ones that do one thing each."""

WORDS_OF_SLOW = 120
CONFIG = f"""
default_model = "house"

[[models]]
id = "house"
backend = "transformers"
source = "house"

[[models]]
id = "echo"
backend = "echo"

[[models]]
id = "slow"
backend = "echo"
script = "count"
tokens = {WORDS_OF_SLOW}
pace_tokens_per_s = 30

[[models]]
id = "thinker"
backend = "echo"
script = "reason"

[[models]]
id = "broken"
backend = "echo"
script = "break"
tokens = 3

[[models]]
id = "busy"
backend = "echo"
script = "busy"
"""
