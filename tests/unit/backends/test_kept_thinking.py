"""Thinking is kept for its call, and not for ever."""

from maru_backends.kept_thinking import Json, KeptThinking


def block(words: str) -> Json:
    """A block of thinking."""
    return {"type": "thinking", "thinking": words, "signature": "s"}


def test_thinking_is_found_by_its_call() -> None:
    """A call without any is known too: it needs none."""
    kept = KeptThinking()
    kept.keep({"a": [block("Hm.")], "b": []})
    assert kept.of("a") == (block("Hm."),)
    assert kept.of("b") == ()
    assert kept.of("c") is None


def test_oldest_go_first() -> None:
    """By number and by size; what is kept anew counts once."""
    kept = KeptThinking(max_calls=2, max_chars=1000)
    for _ in range(100):
        kept.keep({"a": [block("x" * 300)]})
    kept.keep({"b": [block("y" * 300)]})
    assert kept.of("a") is not None
    kept.keep({"c": []})
    assert kept.of("a") is None
    kept.keep({"d": [block("z" * 990)]})
    assert kept.of("b") is None
    assert kept.of("d") is not None
