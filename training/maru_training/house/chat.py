"""ChatML: messages to token ids, with the mask of what is trained on. Knows nothing of tasks or weights.

The four control tokens have fixed ids, so that a reader of the published folder need not look them up. Text
of people never becomes a control token: `Encoder` splits `<|im_start|>` typed by a person into ordinary pieces.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from tokenizers import Tokenizer

END_OF_TEXT: Final = "<|endoftext|>"
START: Final = "<|im_start|>"
END: Final = "<|im_end|>"
PAD: Final = "<|pad|>"
CONTROL_TOKENS: Final = (END_OF_TEXT, START, END, PAD)
END_OF_TEXT_ID, START_ID, END_ID, PAD_ID = range(4)

Role = Literal["system", "user", "assistant"]

PLAIN_TEMPLATE: Final = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)
TRAINING_TEMPLATE: Final = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' }}"
    "{% if message['role'] == 'assistant' %}"
    "{% generation %}{{ message['content'] + '<|im_end|>' }}{% endgeneration %}"
    "{% else %}{{ message['content'] + '<|im_end|>' }}{% endif %}"
    "{{ '\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Encoded:
    """A conversation as ids, and for each whether the model is trained to say it."""

    ids: list[int]
    trained: list[bool]


def render(messages: Sequence[Message]) -> str:
    """The conversation as text with control tokens, as the chat template writes it."""
    return "".join(f"{START}{message.role}\n{message.content}{END}\n" for message in messages)


class Encoder:
    """Turns conversations into ids with one tokenizer."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        """Keep the tokenizer, set so that no text becomes a control token."""
        tokenizer.encode_special_tokens = True
        self._tokenizer = tokenizer
        self._newline = self._ids("\n")
        self._opening = len(self._ids("assistant\n"))

    def encode(self, messages: Sequence[Message]) -> Encoded:
        """Encode a whole conversation; trained are the assistant's words and the end of each of its messages."""
        ids: list[int] = []
        trained: list[bool] = []
        for message in messages:
            body = self._ids(f"{message.role}\n{message.content}")
            ids += [START_ID, *body, END_ID, *self._newline]
            said = len(body) - self._opening + 1 if message.role == "assistant" else 0
            trained += [False] * (1 + len(body) + 1 - said) + [True] * said + [False] * len(self._newline)
        return Encoded(ids, trained)

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        """Encode a conversation up to where the assistant begins to answer."""
        return [*self.encode(messages).ids, START_ID, *self._ids("assistant\n")]

    def decode(self, ids: Sequence[int]) -> str:
        """Ids back to text, control tokens left out."""
        return self._tokenizer.decode(list(ids), skip_special_tokens=True)

    def _ids(self, text: str) -> list[int]:
        return self._tokenizer.encode(text, add_special_tokens=False).ids
