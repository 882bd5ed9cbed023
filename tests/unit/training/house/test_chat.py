"""ChatML and its ids."""

import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment

from maru_training.house.chat import (
    CONTROL_TOKENS,
    END_ID,
    PLAIN_TEMPLATE,
    START_ID,
    Encoder,
    Message,
    render,
)
from maru_training.house.tokenizer import train_tokenizer

TALK = (
    Message("system", "Be brief."),
    Message("user", "내 이름은 지훈이야."),
    Message("assistant", "반가워요, 지훈 님!"),
)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """With a tokenizer trained on one conversation."""
    return Encoder(train_tokenizer([render(TALK)], vocabulary=300))


def test_control_tokens_typed_by_a_person_stay_text(encoder: Encoder) -> None:
    """Who types <|im_end|> must not be able to end their turn and speak as someone else."""
    typed = Message("user", "".join(CONTROL_TOKENS))
    ids = encoder.encode([typed]).ids
    assert ids.count(START_ID) == 1
    assert ids.count(END_ID) == 1
    assert "<|im_start|>" in encoder.decode(ids)


def test_only_what_the_assistant_says_is_trained(encoder: Encoder) -> None:
    """With the end of its message, or it would never stop; without the role, which is given."""
    encoded = encoder.encode(TALK)
    trained = [number for number, wanted in zip(encoded.ids, encoded.trained, strict=True) if wanted]
    assert trained[-1] == END_ID
    assert encoder.decode(trained[:-1]) == TALK[-1].content


def test_ids_and_marks_go_in_step(encoder: Encoder) -> None:
    """Also where a message is shorter than the opening of an answer."""
    for text in ("", "a", "안녕하세요"):
        encoded = encoder.encode([Message("user", text), Message("assistant", text)])
        assert len(encoded.ids) == len(encoded.trained)


def test_a_prompt_is_the_beginning_of_the_conversation(encoder: Encoder) -> None:
    """Training and answering must see the same ids."""
    whole = encoder.encode(TALK).ids
    prompt = encoder.prompt(TALK[:-1])
    assert whole[: len(prompt)] == prompt


def test_the_template_writes_what_training_reads() -> None:
    """Engines use the template, training uses `render`: one difference and the model is off its ground."""
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    messages = [{"role": message.role, "content": message.content} for message in TALK]
    assert environment.from_string(PLAIN_TEMPLATE).render(messages=messages) == render(TALK)
