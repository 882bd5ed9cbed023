"""A tiny chat model that sees: the shape of Idefics 3 and SmolVLM, trained on drawn pictures of coloured shapes.

It knows which colour a square, a circle or a triangle has and how many shapes there are, and nothing else. What matters
is that it answers right only if the picture reaches it whole and in its place. The weights lie beside the tests, in
`data/vision_model`; `PYTHONPATH=tests python -m support.seeing_model FOLDER SECONDS` makes such weights again: those
were made in five minutes on one GPU, and two cores want some hours for as good ones.
"""

import os
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from PIL import Image, ImageDraw
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    GenerationConfig,
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    Idefics3ImageProcessor,
    Idefics3Processor,
    LlamaConfig,
    PreTrainedTokenizerFast,
)

HERE = Path(__file__).parents[1] / "data" / "vision_model"
AT_ONCE, RATE, WARM_UP_STEPS = 256, 1.5e-3, 300
SIDE = 64
SIDES = (*[SIDE] * 6, 48, 100, 333)  # of the pictures of the training; all are shown to it at SIDE
PATCH = 8
SHUFFLE = 2
WINDOW = 512
COLOURS = {
    "red": (220, 30, 30),
    "green": (30, 160, 50),
    "blue": (40, 60, 220),
    "yellow": (240, 210, 30),
    "black": (15, 15, 15),
    "purple": (150, 40, 170),
}
SHAPES = ("square", "circle", "triangle")
NUMBERS = ("zero", "one", "two", "three")
KOREAN = {
    "red": "빨간색",
    "green": "초록색",
    "blue": "파란색",
    "yellow": "노란색",
    "black": "검은색",
    "purple": "보라색",
    "square": "네모",
    "circle": "동그라미",
    "triangle": "세모",
    "one": "하나",
    "two": "둘",
    "three": "셋",
}
SPECIAL = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|pad|>"),
    *("<image>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>"),
)
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
    "{% for part in message['content'] %}{% if part['type'] == 'text' %}{{ part['text'] }}{% else %}<image>"
    "{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture and what is on it: the colour of each shape."""

    picture: Image.Image
    colours: dict[str, str]


def drawn(chance: random.Random, side: int = SIDE) -> Scene:
    """One to three shapes, each of another kind, in cells of their own; `side` in pixels."""
    picture = Image.new("RGB", (side, side), tuple(chance.randint(225, 255) for _ in range(3)))
    pen = ImageDraw.Draw(picture)
    cells = chance.sample([(x, y) for x in (0, 1) for y in (0, 1)], 3)
    kinds = chance.sample(SHAPES, chance.randint(1, 3))
    colours: dict[str, str] = {}
    half = side / 2
    for kind, (column, row) in zip(kinds, cells, strict=False):
        colour = colours[kind] = chance.choice(list(COLOURS))
        size = chance.uniform(0.65, 0.95) * half
        left = column * half + chance.uniform(0, half - size)
        top = row * half + chance.uniform(0, half - size)
        box = (left, top, left + size, top + size)
        if kind == "square":
            pen.rectangle(box, fill=COLOURS[colour])
        elif kind == "circle":
            pen.ellipse(box, fill=COLOURS[colour])
        else:
            pen.polygon([(left + size / 2, top), (left + size, top + size), (left, top + size)], fill=COLOURS[colour])
    return Scene(picture, colours)


def asked(chance: random.Random, scene: Scene) -> tuple[str, str]:
    """A question about it and the right answer."""
    kind = chance.choice(list(scene.colours))
    number = NUMBERS[len(scene.colours)]
    return chance.choice(
        [
            (f"What colour is the {kind}?", f"The {kind} is {scene.colours[kind]}."),
            ("How many shapes are there?", f"There are {number}." if number != "one" else "There is one."),
            (f"{KOREAN[kind]}는 무슨 색인가요?", f"{KOREAN[scene.colours[kind]]}이에요."),
            ("도형이 몇 개 있나요?", f"{KOREAN[number]}이에요."),
        ]
    )


def new_model() -> tuple[Any, Any]:
    """The model with random weights, and its processor."""
    tokenizer: Any = _tokenizer()
    text = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=320,
        num_hidden_layers=3,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=64,
        max_position_embeddings=WINDOW,
        bos_token_id=None,
        eos_token_id=2,
        pad_token_id=3,
    )
    shape: Any = Idefics3Config
    config = shape(
        vision_config={
            "model_type": "idefics3_vision",
            "hidden_size": 128,
            "intermediate_size": 256,
            "num_hidden_layers": 4,
            "num_attention_heads": 4,
            "image_size": SIDE,
            "patch_size": PATCH,
        },
        text_config=text,
        scale_factor=SHUFFLE,
        image_token_id=SPECIAL.index("<image>"),
        pad_token_id=3,
        tie_word_embeddings=False,
    )
    cast("Any", torch).manual_seed(7)
    model: Any = Idefics3ForConditionalGeneration(config)
    advice: Any = GenerationConfig
    model.generation_config = advice(eos_token_id=2, pad_token_id=3)
    pictures: Any = Idefics3ImageProcessor
    processor: Any = Idefics3Processor
    return model, processor(
        image_processor=pictures(
            size={"longest_edge": SIDE}, max_image_size={"longest_edge": SIDE}, do_image_splitting=False
        ),
        tokenizer=tokenizer,
        image_seq_len=(SIDE // PATCH // SHUFFLE) ** 2,
        chat_template=TEMPLATE,
    )


def _tokenizer() -> Any:
    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    chance = random.Random(1)
    lines = [" ".join(asked(chance, drawn(chance))) for _ in range(300)]
    trainer = trainers.BpeTrainer(
        vocab_size=512,
        special_tokens=[AddedToken(token, special=True) for token in SPECIAL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bare.train_from_iterator(["system user assistant\n", *lines], trainer)
    fast: Any = PreTrainedTokenizerFast
    return fast(
        tokenizer_object=bare,
        eos_token="<|im_end|>",
        pad_token="<|pad|>",
        extra_special_tokens={"image_token": "<image>"},
        model_max_length=WINDOW,
        clean_up_tokenization_spaces=False,
    )


def _conversation(chance: random.Random, scene: Scene) -> str:
    """One question, or two of which the second leaves the picture to be remembered, as the template writes them."""
    turns = [asked(chance, scene) for _ in range(chance.randint(1, 2))]
    written = "".join(
        f"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n{answer}<|im_end|>\n"
        for question, answer in turns
    )
    return written.replace("user\n", "user\n<image>", 1)


class Batches(torch.utils.data.IterableDataset[Any]):
    """Batches without an end, other ones for each worker."""

    def __init__(self, processor: Any) -> None:
        """Made with that processor."""
        self._processor = processor

    def __iter__(self) -> Iterator[Any]:
        """See `_batch`."""
        worker = torch.utils.data.get_worker_info()
        chance = random.Random(5 if worker is None else 100 + worker.id)
        while True:
            yield _batch(self._processor, chance)


def train(folder: Path, seconds: float) -> None:
    """Train it for so long and write it down; prints the loss now and then."""
    model, processor = new_model()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model.to(device)
    optimizer: Any = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.01, fused=True)
    batches: Any = torch.utils.data.DataLoader(
        Batches(processor), batch_size=None, num_workers=max(1, (os.cpu_count() or 2) - 1), pin_memory=device == "cuda"
    )
    begun = time.monotonic()
    for step, (inputs, labels) in enumerate(batches):
        gone = (time.monotonic() - begun) / seconds
        if gone >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, (step + 1) / WARM_UP_STEPS) * (1 - gone)
        moved = {name: tensor.to(device, non_blocking=True) for name, tensor in inputs.items()}
        loss = model(**moved, labels=labels.to(device, non_blocking=True)).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 250 == 0:
            print(f"{step} steps, {gone:.0%}, loss {loss.item():.4f}", flush=True)  # noqa: T201 (for a terminal)
    model.to("cpu", torch.bfloat16).save_pretrained(folder)
    processor.save_pretrained(folder)


def _batch(processor: Any, chance: random.Random) -> tuple[Any, torch.Tensor]:
    """Inputs, and of their tokens those of the last answers; the others are -100."""
    scenes = [drawn(chance, chance.choice(SIDES)) for _ in range(AT_ONCE)]
    texts = [_conversation(chance, scene) for scene in scenes]
    inputs = processor(images=[[scene.picture] for scene in scenes], text=texts, return_tensors="pt", padding=True)
    ids = inputs["input_ids"]
    begins = [int((row == SPECIAL.index("<|im_start|>")).nonzero()[-1]) for row in ids]
    header = len(processor.tokenizer("<|im_start|>assistant\n")["input_ids"])
    labels = ids.clone()
    labels[inputs["attention_mask"] == 0] = -100
    for row, begin in zip(labels, begins, strict=True):
        row[: begin + header] = -100
    return dict(inputs), labels


if __name__ == "__main__":
    train(Path(sys.argv[1]), float(sys.argv[2]))
