"""From messages to the prompt's text, for a model whose tokenizer llama.cpp holds.

Control tokens and role headers that people typed are broken in the text; see `local_render.py` for the same with a
tokenizer of our own.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from jinja2 import Template
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from maru_backends.base import ChatMessage, Tool
from maru_backends.control_tokens import BREAK
from maru_backends.errors import RequestRefusedError
from maru_backends.gguf_file import GgufHeader
from maru_backends.openai_quirks import short_id
from maru_backends.prompt_formats import HeaderBreaker, PromptFormat, plain_headers
from maru_backends.tool_messages import (
    TEMPLATE_ERRORS,
    TemplateMessage,
    TemplateTool,
    call_format_of,
    names_of_calls,
    template_tool,
    with_calls,
)

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

        `calls` is how the template writes tool calls; None: it knows no tools, or in a way that is not known here.

        Raises:
            ValueError: the file's own template is no Jinja.
        """
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
        )
        environment.filters["tojson"] = _as_json
        functions: dict[str, Any] = environment.globals
        functions |= {"raise_exception": _refuse, "strftime_now": _now}
        source = header.template or "" if prompt_format is None else _beginning(header, prompt_format)
        try:
            self._template = environment.from_string(source)
            self._tool_template = self._template
            if header.tool_template is not None and prompt_format is None:
                self._tool_template = environment.from_string(header.tool_template)
        except TemplateError as error:
            raise ValueError(f"its chat template is broken: {error}") from error
        self._special = {"bos_token": header.bos or "", "eos_token": header.eos or ""}
        by_length = sorted(header.control_tokens, key=len, reverse=True)
        self._control = re.compile("|".join(map(re.escape, by_length))) if by_length else None
        self.calls = call_format_of(self._rendered)
        headers = {*self._headers_of_template(), *(self.calls.tokens if self.calls else ())}
        self._headers = HeaderBreaker(headers.difference(header.control_tokens))

    def text(self, messages: Sequence[ChatMessage], tools: Sequence[Tool] = ()) -> str:
        """The whole prompt, ready for the answer's first token; `tools` are for a template that knows them.

        Raises:
            RequestRefusedError: the model's template does not take these messages.
        """
        names = names_of_calls(messages)
        given = [self._as_template_message(message, names) for message in messages]
        return self._rendered(given, [template_tool(tool, self.broken) for tool in tools])

    def broken(self, text: str) -> str:
        """The same text to a person's eye, without control tokens and headers."""
        text = self._headers.broken(text)
        if self._control is None:
            return text
        return self._control.sub(lambda found: found.group()[0] + BREAK + found.group()[1:], text)

    def _rendered(self, messages: Sequence[TemplateMessage], tools: Sequence[TemplateTool] = ()) -> str:
        template: Template = self._tool_template if tools else self._template
        try:
            return template.render(
                messages=messages,
                add_generation_prompt=True,
                tools=list(tools) or None,
                documents=None,
                **self._special,
            )
        except TEMPLATE_ERRORS as error:
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

    def _as_template_message(self, message: ChatMessage, names: Mapping[str, str]) -> TemplateMessage:
        as_dict: TemplateMessage = {"role": message.role, "content": self.broken(message.text)}
        return with_calls(as_dict, message, names, broken=self.broken, call_id=self._call_id)

    def _call_id(self, call_id: str) -> str:
        """The id as the template takes it."""
        return short_id(call_id) if self.calls is not None and self.calls.has_short_ids else self.broken(call_id)


def _beginning(header: GgufHeader, prompt_format: PromptFormat) -> str:
    has_bos = header.bos is not None and (header.adds_bos or prompt_format.begins_with_bos)
    return ("{{ bos_token }}" if has_bos else "") + prompt_format.template


def _as_json(value: object, indent: int | None = None, **_options: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _refuse(message: str) -> Any:  # noqa: ANN401 - templates call it as an expression
    raise TemplateError(message)


def _now(form: str) -> str:
    return datetime.now().astimezone().strftime(form)
