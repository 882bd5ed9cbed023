"""From messages to the prompt's text, for a model whose tokenizer llama.cpp holds.

Control tokens and role headers that people typed are broken in the text; see `local_render.py` for the same with a
tokenizer of our own.
"""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from maru_backends.base import ChatMessage, ToolCall
from maru_backends.control_tokens import BREAK, changed_within
from maru_backends.errors import RequestRefusedError
from maru_backends.gguf_file import GgufHeader
from maru_backends.prompt_formats import HeaderBreaker, PromptFormat, plain_headers

TemplateMessage = dict[str, object]
_TRIAL: tuple[TemplateMessage, ...] = (
    {"role": "user", "content": "Hello there!"},
    {"role": "assistant", "content": "Yes? One."},
    {"role": "user", "content": "Why not two?"},
)
_SYSTEM: TemplateMessage = {"role": "system", "content": "Be kind."}


class TextRenderer:
    """Renders prompts; may be used from many threads at once."""

    def __init__(self, header: GgufHeader, prompt_format: PromptFormat | None) -> None:
        """The format's template, or the file's own where there is none.

        Raises:
            ValueError: the file's own template is no Jinja.
        """
        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        environment.filters["tojson"] = _as_json
        functions: dict[str, Any] = environment.globals
        functions |= {"raise_exception": _refuse, "strftime_now": _now}
        source = header.template or "" if prompt_format is None else _beginning(header, prompt_format)
        try:
            self._template = environment.from_string(source)
        except TemplateError as error:
            raise ValueError(f"its chat template is broken: {error}") from error
        self._special = {"bos_token": header.bos or "", "eos_token": header.eos or ""}
        by_length = sorted(header.control_tokens, key=len, reverse=True)
        self._control = re.compile("|".join(map(re.escape, by_length))) if by_length else None
        self._headers = HeaderBreaker(set(self._headers_of_template()).difference(header.control_tokens))

    def text(self, messages: Sequence[ChatMessage]) -> str:
        """The whole prompt, ready for the answer's first token.

        Raises:
            RequestRefusedError: the model's template does not take these messages.
        """
        return self._rendered([self._as_template_message(message) for message in messages])

    def broken(self, text: str) -> str:
        """The same text to a person's eye, without control tokens and headers."""
        text = self._headers.broken(text)
        if self._control is None:
            return text
        return self._control.sub(lambda found: found.group()[0] + BREAK + found.group()[1:], text)

    def _rendered(self, messages: Sequence[TemplateMessage]) -> str:
        try:
            return self._template.render(
                messages=messages, add_generation_prompt=True, tools=None, documents=None, **self._special
            )
        except (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # A template is a program: what it cannot take shows as its own refusal or as any of these.
            raise RequestRefusedError(
                f"The model's chat template does not take this conversation: {error}", param="messages"
            ) from error

    def _headers_of_template(self) -> tuple[str, ...]:
        for trial in ((_SYSTEM, *_TRIAL), _TRIAL):
            try:
                return plain_headers(self._rendered(trial))
            except RequestRefusedError:
                continue
        return ()

    def _as_template_message(self, message: ChatMessage) -> TemplateMessage:
        as_dict: TemplateMessage = {"role": message.role, "content": self.broken(message.text)}
        if message.tool_calls:
            as_dict["tool_calls"] = [self._as_template_call(call) for call in message.tool_calls]
        if message.tool_call_id is not None:
            as_dict["tool_call_id"] = self.broken(message.tool_call_id)
        return as_dict

    def _as_template_call(self, call: ToolCall) -> dict[str, object]:
        try:
            arguments = changed_within(json.loads(call.arguments), self.broken)
        except (ValueError, RecursionError):
            arguments = self.broken(call.arguments)
        function = {"name": self.broken(call.name), "arguments": arguments}
        return {"type": "function", "id": self.broken(call.id), "function": function}


def _beginning(header: GgufHeader, prompt_format: PromptFormat) -> str:
    has_bos = header.bos is not None and (header.adds_bos or prompt_format.begins_with_bos)
    return ("{{ bos_token }}" if has_bos else "") + prompt_format.template


def _as_json(value: object, indent: int | None = None, **_options: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _refuse(message: str) -> Any:  # noqa: ANN401 - templates call it as an expression
    raise TemplateError(message)


def _now(form: str) -> str:
    return datetime.now().astimezone().strftime(form)
