"""Parameters that would change the answer and that nothing here can honour: refused by name, never dropped. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from maru.protocol.errors import invalid

# Sampling words that engines add to OpenAI's calls, with the values that change nothing; the seam lacks them.
OF_ENGINES: Mapping[str, tuple[object, ...]] = MappingProxyType(
    {
        "best_of": (1,),
        "logit_bias": ({},),
        "top_k": (0, -1),
        "min_p": (0,),
        "repetition_penalty": (1,),
        "min_tokens": (0,),
        "ignore_eos": (False,),
        "continue_final_message": (False,),
        "chat_template_kwargs": ({},),
        "structured_outputs": (),
        "guided_json": (),
        "guided_regex": (),
        "guided_choice": (),
        "guided_grammar": (),
    }
)
OF_CREATE: Mapping[str, tuple[object, ...]] = MappingProxyType(
    {**OF_ENGINES, "prompt": (), "n": (1,), "seed": (), "stop": ([],), "image": (), "access_programs": ([],)}
)


def refuse_unhonoured(given: Mapping[str, object], words: Mapping[str, tuple[object, ...]]) -> None:
    """Nothing happens when all of them are absent, null or harmless.

    Args:
        given: a request's body.
        words: the parameters to look for, with their harmless values.

    Raises:
        ApiError: 400 naming the parameter and what to do.
    """
    for name in words.keys() & given.keys():
        value, harmless = given[name], words[name]
        if value is not None and value not in harmless:
            remedy = f"Leave it out, or send {harmless[0]}." if harmless else "Leave it out."
            raise invalid(f"{name!r} cannot be honoured here. {remedy}", name, "unsupported_parameter")
