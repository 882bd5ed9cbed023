"""A tiny chat model that calls tools of its own choice: LLaMA's shape, Hermes' format, trained on made-up dialogues.

It asks for the weather or the hour of a city where it has a tool for it, of two cities at once, says what came back,
greets without calling, and says so where it has no tool; it knows nothing else. What matters is that its answer is
right only if tools, calls and results reach it whole and in their place. The weights lie beside the tests, in
`data/tool_model`; `PYTHONPATH=tests python -m support.calling_model FOLDER 240` made them, in two minutes of one core.
"""

import json
import random
import re
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

HERE = Path(__file__).parents[1] / "data" / "tool_model"
AT_ONCE, RATE, WARM_UP_STEPS, COOL_DOWN_STEPS, DIALOGUES = 16, 2e-3, 40, 120, 4_000
WINDOW = 1024
CITIES = ("Seoul", "Busan", "Paris", "London", "Berlin", "Tokyo", "Madrid", "Rome", "Oslo", "Lima", "Cairo", "Delhi")
RESULTS = (3, 7, 9, 12, 15, 18, 21, 23)
INSTRUCTIONS = ("Be brief.", "You are a helpful assistant.", "Answer in one sentence.")
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|pad|>")
MARKS = ("<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>")
TEMPLATE = (
    "{% if tools %}{{ '<|im_start|>system\n<tools>' }}{% for tool in tools %}{{ '\n' }}{{ tool | tojson }}{% endfor %}"
    "{{ '\n</tools><|im_end|>\n' }}{% endif %}"
    "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' }}"
    "{% if message.role == 'tool' %}{{ '<tool_response>\n' + message.content + '\n</tool_response>' }}"
    "{% else %}{{ message.content or '' }}"
    "{% for call in message.tool_calls or () %}{{ '\n' if message.content or not loop.first else '' }}"
    '{{ \'<tool_call>\n{"name": "\' + call.function.name + \'", "arguments": \' }}'
    "{{ call.function.arguments | tojson }}{{ '}\n</tool_call>' }}{% endfor %}{% endif %}{{ '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
_ANSWER = re.compile(r"<\|im_start\|>assistant\n(.*?<\|im_end\|>)", re.DOTALL)

Message = dict[str, Any]


def tool(name: str, description: str, *, city: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A function of one city, as a chat completion tells of it; `more` stands in its schema, `city` in its field's."""
    fields = {"city": {"type": "string", **(city or {})}}
    parameters = {"type": "object", "properties": fields, "required": ["city"], **more}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


WEATHER = tool("get_weather", "The weather of a city, now.")
CLOCK = tool("get_time", "The hour in a city, now.")


def _some_tool(chance: random.Random, name: str) -> dict[str, Any]:
    """The same in other words."""
    shown = WEATHER if name == "get_weather" else CLOCK
    description = chance.choice((shown["function"]["description"], f"{shown['function']['description'][:-6]}."))
    city = chance.choice(({}, {}, {}, {"maxLength": 40}))
    more = chance.choice(({}, {"additionalProperties": False}))
    made = tool(name, description, city=city, **more)
    if chance.random() < 0.2:
        made["function"]["strict"] = True
    return made


def result_of(chance: random.Random, name: str) -> dict[str, int]:
    """Some result of that tool."""
    return {"celsius" if name == "get_weather" else "hour": chance.choice(RESULTS)}


def question(name: str, *cities: str) -> str:
    """What a person asks so that this tool is called for these cities."""
    asked = "What is the weather in" if name == "get_weather" else "What time is it in"
    return f"{asked} {' and in '.join(cities)}?"


def answer(name: str, cities: Sequence[str], results: Sequence[Mapping[str, int]]) -> str:
    """What the model says when it has these results."""
    return " ".join(_said(name, city, result) for city, result in zip(cities, results, strict=True))


def _said(name: str, city: str, result: Mapping[str, int]) -> str:
    if name == "get_weather":
        return f"It is {result['celsius']} degrees in {city}."
    return f"It is {result['hour']} o'clock in {city}."


def dialogue(chance: random.Random) -> tuple[list[dict[str, Any]], list[Message]]:
    """Tools and messages of one or two exchanges."""
    names = chance.sample(["get_weather", "get_time"], chance.choice((0, 1, 1, 1, 1, 2, 2)))
    tools = [_some_tool(chance, name) for name in names]
    messages = [message for _ in range(chance.choice((1, 1, 1, 1, 1, 1, 2))) for message in _exchange(chance, names)]
    if chance.random() < 0.2:
        messages.insert(0, {"role": "system", "content": chance.choice(INSTRUCTIONS)})
    return tools, messages


def _exchange(chance: random.Random, tools: list[str]) -> list[Message]:
    if chance.random() < 0.1:
        return [{"role": "user", "content": "Hello!"}, {"role": "assistant", "content": "Hello! How can I help?"}]
    name = chance.choice(("get_weather", "get_weather", "get_time"))
    cities = chance.sample(CITIES, chance.choice((1, 1, 1, 2)))
    asking = {"role": "user", "content": question(name, *cities)}
    if name not in tools:
        return [asking, {"role": "assistant", "content": "I have no tool for that."}]
    results = [result_of(chance, name) for _ in cities]
    calls = [{"type": "function", "function": {"name": name, "arguments": {"city": city}}} for city in cities]
    return [
        asking,
        {"role": "assistant", "content": "", "tool_calls": calls},
        *({"role": "tool", "content": json.dumps(result)} for result in results),
        {"role": "assistant", "content": answer(name, cities, results)},
    ]


def new_tokenizer() -> Any:
    """Byte-level BPE learnt from dialogues, in which a city or a number is a token or two."""
    bare = Tokenizer(models.BPE())
    # Words apart from what stands between them: a city is the same token in a question, in a call and in an answer.
    words: Any = pre_tokenizers.Split(Regex(r"\p{L}+|\p{N}+|[^\p{L}\p{N}]+"), "isolated")
    letters = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    bare.pre_tokenizer = pre_tokenizers.Sequence([words, letters])
    bare.decoder = decoders.ByteLevel()
    chance = random.Random(1)
    lines = [
        piece
        for _ in range(800)
        for tools, messages in [dialogue(chance)]
        for piece in (*map(json.dumps, tools), *(_flat(message) for message in messages))
    ]
    trainer = trainers.BpeTrainer(
        vocab_size=704,
        special_tokens=[AddedToken(token, special=True) for token in SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bare.train_from_iterator(["system\nuser\nassistant\ntool\n", *lines], trainer)
    fast: Any = PreTrainedTokenizerFast
    tokenizer = fast(
        tokenizer_object=bare,
        eos_token="<|im_end|>",
        pad_token="<|pad|>",
        model_max_length=WINDOW,
        clean_up_tokenization_spaces=False,
    )
    # As in Qwen's vocabularies: tokens, but none that a decoder leaves out.
    tokenizer.add_tokens([AddedToken(mark, special=False, normalized=False) for mark in MARKS])
    tokenizer.chat_template = TEMPLATE
    return tokenizer


def _flat(message: Message) -> str:
    calls = "".join(json.dumps(call["function"], ensure_ascii=False) for call in message.get("tool_calls", ()))
    return f"{message['content']}{calls}"


def new_model(vocabulary: int) -> Any:
    """With random weights."""
    cast("Any", torch).manual_seed(7)
    shape: Any = LlamaConfig
    config = shape(
        vocab_size=vocabulary,
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=3,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=64,  # vLLM has no attention for smaller heads on CPUs
        max_position_embeddings=WINDOW,
        initializer_range=0.09,  # of so narrow a model 0.02 is too small: it would not learn to look back for long
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=SPECIAL.index("<|im_end|>"),
        pad_token_id=SPECIAL.index("<|pad|>"),
    )
    made: Any = LlamaForCausalLM
    model = made(config)
    advice: Any = GenerationConfig
    model.generation_config = advice(eos_token_id=config.eos_token_id, pad_token_id=config.pad_token_id)
    return model


def train(folder: Path, steps: int) -> None:
    """Train it and write it down; prints the loss now and then."""
    tokenizer = new_tokenizer()
    model = new_model(len(tokenizer))
    chance = random.Random(5)
    examples = [_example(tokenizer, *dialogue(chance)) for _ in range(DIALOGUES)]
    optimizer: Any = torch.optim.AdamW(model.parameters(), lr=RATE, betas=(0.9, 0.98), weight_decay=0.01)
    begun = time.monotonic()
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = RATE * min((step + 1) / WARM_UP_STEPS, (steps - step) / COOL_DOWN_STEPS, 1.0)
        inputs, labels = _batch(chance.sample(examples, AT_ONCE))
        loss = model(**inputs, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 50 == 0:
            print(f"{step} steps, {time.monotonic() - begun:.0f} s, loss {loss.item():.4f}", flush=True)  # noqa: T201
    model.to(torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _example(tokenizer: Any, tools: list[dict[str, Any]], messages: list[Message]) -> tuple[list[int], list[int]]:
    """Tokens, and of them those that the model says; the others are -100."""
    text = tokenizer.apply_chat_template(messages, tools=tools or None, tokenize=False)
    said = [match.span(1) for match in _ANSWER.finditer(text)]
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    labels = [
        token if any(begin <= start < end for begin, end in said) else -100
        for token, (start, _) in zip(encoded["input_ids"], encoded["offset_mapping"], strict=True)
    ]
    return encoded["input_ids"], labels


def _batch(examples: list[tuple[list[int], list[int]]]) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    longest = max(len(tokens) for tokens, _ in examples)
    pad = SPECIAL.index("<|pad|>")
    ids = torch.tensor([tokens + [pad] * (longest - len(tokens)) for tokens, _ in examples])
    labels = torch.tensor([wanted + [-100] * (longest - len(wanted)) for _, wanted in examples])
    return {"input_ids": ids, "attention_mask": (ids != pad).long()}, labels


if __name__ == "__main__":
    train(Path(sys.argv[1]), int(sys.argv[2]))
