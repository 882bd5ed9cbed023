"""How families of models write tool calls: found by what a chat template makes of one, spelt as a grammar; pure.

transformers has a parser of answers (`tokenizer.response_template`), which few tokenizers bring, which gives up on a
call that is no JSON, and from which no grammar can be made. So the formats are written down here, each once for both.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from maru_backends.base import Tool


@dataclass(frozen=True, slots=True)
class CallFormat:
    """The words around a call. Each call is `before`, its name, `within`, its arguments, `after`.

    Attributes:
        mark: begins a call, or a list of them; empty: the whole answer is a call or none.
        close: ends a call, or is the mark of the next; empty: it goes to the end of the answer.
        opening: stands before the first call.
        between: stands between two; None: there is only one.
        ending: stands behind the last.
        is_json: the name stands in a JSON string.
        tokens: words of the format that are single tokens in the family's vocabulary; in people's text they are broken.
        has_short_ids: templates refuse ids of calls that are not nine letters and digits.
    """

    name: str
    mark: str
    before: str
    within: str
    after: str
    close: str = ""
    opening: str = ""
    between: str | None = None
    ending: str = ""
    is_json: bool = True
    tokens: tuple[str, ...] = ()
    has_short_ids: bool = False


# Hermes 2 Pro and 3, Qwen 2.5 and 3: https://github.com/NousResearch/Hermes-Function-Calling
HERMES = CallFormat(
    "hermes",
    mark="<tool_call>",
    close="</tool_call>",
    before='<tool_call>\n{"name": "',
    within='", "arguments": ',
    after="}\n</tool_call>",
    between="\n",
    tokens=("<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<tools>", "</tools>"),
)
# LLaMA 3.1 to 3.3: https://www.llama.com/docs/model-cards-and-prompt-formats/llama3_1 (JSON based tool calling)
LLAMA_3 = CallFormat(
    "llama-3",
    mark="",
    before='{"name": "',
    within='", "parameters": ',
    after="}",
    tokens=("<|python_tag|>",),
)
# Mistral's tokenizers v3 and v7: https://docs.mistral.ai/cookbooks/concept-deep-dive-tokenization-tool_calling
MISTRAL = CallFormat(
    "mistral",
    mark="[TOOL_CALLS]",
    opening="[TOOL_CALLS] [",
    before='{"name": "',
    within='", "arguments": ',
    after="}",
    between=", ",
    ending="]",
    tokens=("[TOOL_CALLS]", "[TOOL_RESULTS]", "[/TOOL_RESULTS]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]"),
    has_short_ids=True,
)
# The same from v11 on.
MISTRAL_NAMED = CallFormat(
    "mistral-named",
    mark="[TOOL_CALLS]",
    close="[TOOL_CALLS]",
    before="[TOOL_CALLS]",
    within="[ARGS]",
    after="",
    between="",
    is_json=False,
    tokens=(*MISTRAL.tokens, "[ARGS]", "[CALL_ID]", "[TOOL_CONTENT]"),
    has_short_ids=True,
)
_SHOWN: tuple[tuple[CallFormat, str], ...] = (
    (HERMES, r'<tool_call>\s*\{{\s*("name": "{name}"|"arguments": \{{)'),
    (MISTRAL, r'\[TOOL_CALLS\]\s*\[\{{"name": "{name}", "arguments": \{{'),
    (MISTRAL_NAMED, r"\[TOOL_CALLS\]{name}(\[CALL_ID\]\w+)?\[ARGS\]\{{"),
    (LLAMA_3, r'\{{"name": "{name}", "parameters": \{{'),
)


def format_shown(shown: str, name: str) -> CallFormat | None:
    """The format in which a template has written a call of that tool; None: one that is not known here."""
    for found, pattern in _SHOWN:
        if re.search(pattern.format(name=re.escape(name)), shown):
            return found
    return None


def calls_rules(
    form: CallFormat,
    tools: Sequence[Tool],
    *,
    spelt: Callable[[str], str],
    schema: Callable[[Tool], str],
    most: int,
) -> str:
    """The rule `calls` of a grammar in llguidance's form of Lark, with those it needs.

    Args:
        form: how a call is written.
        tools: those that may be called.
        spelt: a text as a grammar's string, or as its token where it is one.
        schema: of a tool's arguments, as JSON.
        most: calls of one answer.
    """
    literal = _literals(form, spelt)
    again = f" ({literal(form.between)} call){{0,{most - 1}}}" if form.between is not None and most > 1 else ""
    rules = [f"calls: {literal(form.opening)} call{again} {literal(form.ending)}"]
    rules.append("call: " + " | ".join(f"call_{place}" for place, _ in enumerate(tools)))
    for place, tool in enumerate(tools):
        name = json.dumps(tool.name, ensure_ascii=False)[1:-1] if form.is_json else tool.name
        before, after = literal(form.before + name + form.within), literal(form.after)
        rules += [f"call_{place}: {before} arguments_{place} {after}", f"arguments_{place}: %json {schema(tool)}"]
    return "\n".join(rules)


def _literals(form: CallFormat, spelt: Callable[[str], str]) -> Callable[[str], str]:
    """Writes a text of the format as strings and tokens of a grammar."""
    splitter = re.compile("(" + "|".join(map(re.escape, form.tokens)) + ")")

    def literal(text: str) -> str:
        return " ".join(spelt(piece) for piece in splitter.split(text) if piece)

    return literal
