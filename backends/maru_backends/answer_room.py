"""How long an answer may be where the engine leaves that to us; pure."""

from maru_backends.errors import ContextTooLongError


def room_for_answer(prompt_tokens: int, max_tokens: int | None, window: int) -> int:
    """Most tokens of the answer.

    Raises:
        ContextTooLongError: not even one token fits.
    """
    left = window - prompt_tokens
    if left < 1:
        raise ContextTooLongError(
            f"The prompt has {prompt_tokens} tokens; the window of {window} must hold it and an answer.",
            param="messages",
        )
    return left if max_tokens is None else min(left, max(1, max_tokens))
