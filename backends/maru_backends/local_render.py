"""From messages to prompt tokens, and from answer tokens to text, for a tokenizer that we hold.

Control tokens that people typed become ordinary tokens. A prompt without any is tokenised in one piece, as every
other engine does it. Where one was typed, the template is rendered with a mark in the place of that body; what is
around it is tokenised with control tokens and the body without. So no message changes the tokens of another: they
stay in the engine's cache, and their count stays right.

Role headers that are plain words in the model's format, such as Vicuna's "USER:", are broken wherever they were typed.
"""

import json
import re
import secrets
import unicodedata
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from tokenizers import Tokenizer

from maru_backends.base import ChatMessage, ImagePart, TextPart, Tool
from maru_backends.control_tokens import BREAK, looks_like_control_token
from maru_backends.errors import RequestRefusedError
from maru_backends.openai_quirks import short_id
from maru_backends.prompt_formats import HeaderBreaker, plain_headers
from maru_backends.think_tags import OPENING
from maru_backends.token_spelling import Speller
from maru_backends.tool_messages import (
    TEMPLATE_ERRORS,
    TemplateMessage,
    call_format_of,
    names_of_calls,
    template_tool,
    with_calls,
)

THINKING_TAIL = 16  # tokens at the end of a prompt in which an opening tag may stand
_TRIAL: tuple[TemplateMessage, ...] = (
    {"role": "user", "content": "Hello there, 안녕!"},
    {"role": "assistant", "content": "Yes? One."},
    {"role": "user", "content": "Why not two?"},
)
_SYSTEM: TemplateMessage = {"role": "system", "content": "Be kind."}
# Steps of a normaliser that only write spaces in another way; any other may make a control token of what is none.
_HARMLESS_NORMALISERS = frozenset({"Prepend", "Replace", "Sequence"})


class Renderer:
    """Renders and tokenises prompts; may be used from many threads at once."""

    def __init__(self, tokenizer: Any) -> None:  # noqa: ANN401 - transformers' tokenizers are untyped
        """`tokenizer` is a fast tokenizer of transformers with a chat template.

        `calls` is how the template writes tool calls; None: it knows no tools, or in a way that is not known here.
        """
        self._template = tokenizer
        self._takes_parts = False
        self._takes_parts = not self._takes_text()
        self.calls = call_format_of(self._render)
        state: str = tokenizer.backend_tokenizer.to_str()
        # Two copies: whether control tokens are split is a switch on the tokenizer itself, and threads would race.
        self._tokenizer = _bare(state)
        self.speller = Speller(self._tokenizer)
        self._literal = _bare(state)
        self._literal.encode_special_tokens = True
        added: dict[int, Any] = self._tokenizer.get_added_tokens_decoder()
        tokens = {
            number: token
            for number, token in added.items()
            if len(token.content) > 1 and (token.special or looks_like_control_token(token.content))
        }
        control = {number: str(token.content) for number, token in tokens.items()}
        self._control_ids = frozenset(control)
        # A tokenizer that rewrites text before it looks for tokens is asked what it finds, not searched for by us.
        self._is_rewriting = any(token.normalized for token in tokens.values()) and not (
            _HARMLESS_NORMALISERS.issuperset(_normalisers(json.loads(state)["normalizer"]))
        )
        self._control_text = re.compile(
            "|".join(map(re.escape, sorted(control.values(), key=len, reverse=True))),
            re.IGNORECASE if self._is_rewriting else 0,
        )
        self._has_control = bool(control)
        headers = {*self._headers_of_template(), *(self.calls.tokens if self.calls else ())}
        self._headers = HeaderBreaker(headers.difference(control.values()))
        plain: list[int] = self._tokenizer.encode("a", add_special_tokens=False).ids
        whole: list[int] = self._tokenizer.encode("a").ids
        self._beginning = tuple(whole[: whole.index(plain[0])] if plain and plain[0] in whole else ())
        self._anchor, self._anchor_text = tuple(plain), self.decode(plain)
        # Sentencepiece models put a space before every piece, so that pieces do not add up to the whole.
        self._pieces_add_up = self._do_pieces_add_up()

    def prompt(self, messages: Sequence[ChatMessage], tools: Sequence[Tool] = ()) -> tuple[int, ...]:
        """Token ids of the whole prompt, ready for the answer's first token; `tools` are for one that knows them.

        Raises:
            RequestRefusedError: the model's template does not take these messages.
        """
        names = names_of_calls(messages)
        rendered = [self._as_template_message(message, names) for message in messages]
        given = [template_tool(tool, self._broken) for tool in tools]
        text = self._render(rendered, given)
        typed = [i for i, message in enumerate(rendered) if self._is_control_typed(str(message["content"]))]
        if not typed:
            return self._ids(text)
        marked = self._ids_by_pieces(rendered, text, typed, given) if self._pieces_add_up else None
        if marked is not None:
            return marked
        broken: list[TemplateMessage] = [{**m, "content": self._broken(str(m["content"]))} for m in rendered]
        return self._ids(self._render(broken, given))

    def continuation(self, text: str) -> tuple[int, ...]:
        """Token ids of a text to go on with: as the tokenizer begins any text, and without a control token in it."""
        return (*self._beginning, *self._body_ids(text))

    def decode_behind(self, tokens: Sequence[int]) -> str:
        """As `decode`, for tokens that other text stands before: a space at their beginning is kept."""
        return self.decode((*self._anchor, *tokens)).removeprefix(self._anchor_text)

    def with_pictures(self, messages: Sequence[ChatMessage], tools: Sequence[Tool] = ()) -> str:
        """The whole prompt as text, with the template's mark for each picture; what was typed has no control tokens."""
        given = [template_tool(tool, self._broken) for tool in tools]
        names = names_of_calls(messages)
        return self._render([self._as_message_of_parts(message, names) for message in messages], given)

    def is_thinking_after(self, prompt: Sequence[int]) -> bool:
        """Whether the template has begun the thinking, so that the model goes on with it."""
        tail: str = self._tokenizer.decode(list(prompt[-THINKING_TAIL:]), skip_special_tokens=False)
        return tail.rstrip().endswith(OPENING)

    def decode(self, tokens: Sequence[int]) -> str:
        """Text of the tokens, control tokens left out, U+FFFD for bytes that make no character."""
        return self._tokenizer.decode(list(tokens), skip_special_tokens=True)

    def decoding(self, words: Sequence[str]) -> Callable[[Sequence[int]], str]:
        """As `decode`, but control tokens that are one of these words are kept."""
        numbers = {number: word for word in words if (number := self._tokenizer.token_to_id(word)) is not None}
        kept = {number: word for number, word in numbers.items() if not self.decode((number,))}
        if not kept:
            return self.decode

        def decoded(tokens: Sequence[int]) -> str:
            pieces = (list(piece) for _, piece in groupby(tokens, key=lambda token: token in kept))
            return "".join(
                "".join(kept[token] for token in piece) if piece[0] in kept else self.decode(piece) for piece in pieces
            )

        return decoded

    def _ids_by_pieces(
        self,
        messages: Sequence[TemplateMessage],
        text: str,
        apart: Container[int],
        tools: Sequence[dict[str, object]] = (),
    ) -> tuple[int, ...] | None:
        """Tokens with the bodies of the messages `apart` on their own.

        None when the template does something to them that cannot be undone here.
        """
        nonce = secrets.token_hex(8)
        marked: list[TemplateMessage] = [
            {**m, "content": f"{nonce}{i}e"} if i in apart else m for i, m in enumerate(messages)
        ]
        pieces = re.split(rf"{nonce}(\d+)e", self._render(marked, tools))
        bodies = [str(message["content"]) for message in messages]
        changes: tuple[Callable[[str], str], ...] = (str, str.strip)  # many templates trim
        for change in changes:
            parts = [change(bodies[int(piece)]) if i % 2 else piece for i, piece in enumerate(pieces)]
            if "".join(parts) == text:
                found = [self._body_ids(part) if i % 2 else self._ids(part) for i, part in enumerate(parts)]
                return tuple(number for ids in found for number in ids)
        return None

    def _body_ids(self, body: str) -> tuple[int, ...]:
        ids = tuple(self._literal.encode(body, add_special_tokens=False).ids)
        if self._control_ids.isdisjoint(ids):
            return ids
        # Tokens such as <think> are added but not special: the switch does not split them.
        return tuple(self._literal.encode(self._broken(body), add_special_tokens=False).ids)

    def _ids(self, text: str) -> tuple[int, ...]:
        return tuple(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def _render(self, messages: Sequence[TemplateMessage], tools: Sequence[dict[str, object]] = ()) -> str:
        given = [_in_parts(message) for message in messages] if self._takes_parts else list(messages)
        try:
            text: str = self._template.apply_chat_template(
                given, tools=list(tools) or None, tokenize=False, add_generation_prompt=True
            )
        except TEMPLATE_ERRORS as error:
            raise RequestRefusedError(
                f"The model's chat template does not take this conversation: {error}", param="messages"
            ) from error
        return text

    def _as_template_message(self, message: ChatMessage, names: Mapping[str, str]) -> TemplateMessage:
        as_dict: TemplateMessage = {"role": message.role, "content": self._headers.broken(message.text)}
        return with_calls(as_dict, message, names, broken=self._broken, call_id=self._call_id)

    def _as_message_of_parts(self, message: ChatMessage, names: Mapping[str, str]) -> TemplateMessage:
        as_dict = self._as_template_message(message, names)
        as_dict["content"] = self._broken(str(as_dict["content"]))
        if any(isinstance(part, ImagePart) for part in message.parts):
            # Adjacent texts are broken as one, so that no token is whole again where they meet.
            as_dict["content"] = [*self._parts_of(message)]
        return as_dict

    def _parts_of(self, message: ChatMessage) -> Iterator[dict[str, str]]:
        for is_text, parts in groupby(message.parts, key=lambda part: isinstance(part, TextPart)):
            if is_text:
                text = "".join(part.text for part in parts if isinstance(part, TextPart))
                yield {"type": "text", "text": self._broken(text)}
            else:
                yield from ({"type": "image"} for _ in parts)

    def _call_id(self, call_id: str) -> str:
        """The id as the template takes it."""
        return short_id(call_id) if self.calls is not None and self.calls.has_short_ids else self._broken(call_id)

    def _is_control_typed(self, text: str) -> bool:
        if self._is_rewriting:
            return not self._control_ids.isdisjoint(self._ids(text))
        return self._has_control and self._control_text.search(text) is not None

    def _broken(self, text: str) -> str:
        text = self._headers.broken(text)
        if not self._has_control:
            return text
        mark = BREAK
        if self._is_rewriting and self._is_control_typed(text):
            # What it makes of the text is not known: write it as plainly as any normaliser would, and keep tokens
            # apart by a space, which none takes away.
            text, mark = _plainest(text), " "
        return self._control_text.sub(lambda found: found.group()[0] + mark + found.group()[1:], text)

    def _headers_of_template(self) -> tuple[str, ...]:
        for trial in ((_SYSTEM, *_TRIAL), _TRIAL):
            try:
                return plain_headers(self._render(trial))
            except RequestRefusedError:
                continue
        return ()

    def _takes_text(self) -> bool:
        """Whether the template takes a message's content as text; those of models that see may want a list of parts."""
        try:
            return str(_TRIAL[0]["content"]) in self._render(_TRIAL)
        except RequestRefusedError:
            return False

    def _do_pieces_add_up(self) -> bool:
        try:
            text = self._render(_TRIAL)
        except RequestRefusedError:
            return False
        return self._ids_by_pieces(_TRIAL, text, range(len(_TRIAL))) == self._ids(text)


def _in_parts(message: TemplateMessage) -> TemplateMessage:
    content = message["content"]
    return {**message, "content": [{"type": "text", "text": content}]} if isinstance(content, str) else message


def _normalisers(normaliser: dict[str, Any] | None) -> set[str]:
    """The kinds of steps of a tokenizer's normaliser."""
    if normaliser is None:
        return set()
    inner: list[dict[str, Any]] = normaliser.get("normalizers") or []
    return {str(normaliser["type"])}.union(*map(_normalisers, inner))


def _plainest(text: str) -> str:
    """The text without invisible characters, accents and forms of width."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(
        letter for letter in plain if unicodedata.category(letter) not in {"Cf", "Mn", "Cc"} or letter in "\n\t"
    )


def _bare(state: str) -> Tokenizer:
    tokenizer = Tokenizer.from_str(state)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
