"""Models of the echo backend as tables of `maru.toml`, one for each thing that an engine can do."""

import json


def echo_model(id_: str, **keys: str | int) -> str:
    """The table of one model; `keys` are those of the backend."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in {"id": id_, "backend": "echo", **keys}.items()]
    return "\n".join(("[[models]]", *lines, ""))


def counting(id_: str, tokens: int, *, pace: int = 0, **keys: int) -> str:
    """One that counts so many words, `pace` of them a second; 0: at once."""
    paced = {"pace_tokens_per_s": pace} if pace else {}
    return echo_model(id_, script="count", tokens=tokens, **paced, **keys)


LONG = 100_000
"""Words of an answer that no test waits for."""

ECHO = echo_model("echo")
SLOW = counting("slow", LONG, pace=50)
STEADY = counting("steady", 40, pace=50)
CALLER = echo_model("caller", script="tool")
THINKER = echo_model("thinker", script="reason")
REFUSER = echo_model("refuser", script="refuse")
BROKEN = echo_model("broken", script="break", tokens=3)
BUSY = echo_model("busy", script="busy")
