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


def guessed_wish(prompt_tokens: int, max_tokens: int | None, window: int) -> int:
    """How many tokens to ask for behind a plain text whose tokens were only estimated, cautiously.

    A wish that could fit is left alone: the engine knows whether it does. Without one, engines give 16 tokens.

    Raises:
        ContextTooLongError: there is no wish, and by the estimate not even one token fits.
    """
    if max_tokens is not None and max_tokens < window:
        return max_tokens
    if prompt_tokens >= window:
        raise ContextTooLongError(
            f"The prompt has about {prompt_tokens} tokens; the window of {window} must hold it and an answer. Where "
            "that estimate is too high, set max_tokens.",
            param="prompt",
        )
    return window - prompt_tokens
