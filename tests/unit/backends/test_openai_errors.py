"""Rules of error translation: who must act, and what may be said."""

import pytest

from maru_backends.errors import (
    BackendBusyError,
    BackendError,
    BackendSetupError,
    BackendUnavailableError,
    ContextTooLongError,
    RequestRefusedError,
)
from maru_backends.openai_errors import MAX_MESSAGE_CHARS, error_from_response, washed

TOO_LONG = {
    "vllm": "This model's maximum context length is 2048 tokens. However, your prompt has 2049.",
    "vllm engine": "The decoder prompt (length 3000) is longer than the maximum model length of 2048.",
    "openai": "Input exceeds. Please reduce the length of the messages.",
    "sglang": "The input (3000 tokens) is longer than the model's context length (2048 tokens).",
    "llama.cpp": "the request exceeds the available context size. try increasing it",
    "tgi": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000",
    "anthropic": "prompt is too long: 210000 tokens > 200000 maximum",
    "gemini": "The input token count (40000) exceeds the maximum number of tokens allowed (32768).",
    "lm studio": "Trying to keep the first 5000 tokens when context the overflows. The context length is exceeded",
    "mistral": "Prompt contains 40000 tokens, too large for model with 32768 maximum context length",
}


@pytest.mark.parametrize("message", TOO_LONG.values(), ids=TOO_LONG)
@pytest.mark.parametrize("status", [400, 413, 500])
def test_too_long_is_recognised_in_many_wordings(message: str, status: int) -> None:
    """The server shortens and tries again on this error only."""
    error = error_from_response(status, f'{{"error": {{"message": "{message}"}}}}', {})
    assert isinstance(error, ContextTooLongError)


@pytest.mark.parametrize(
    "message", ["max_tokens must be positive", "context is not a valid field", "stop must not be empty"]
)
def test_other_refusals_are_not_too_long(message: str) -> None:
    """Shortening would not help."""
    assert type(error_from_response(400, f'{{"error": {{"message": "{message}"}}}}', {})) is RequestRefusedError


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, '{"error": {"message": "no", "param": "stop"}}', RequestRefusedError),
        (401, "", BackendSetupError),
        (402, "", BackendSetupError),
        (403, '{"error": {"code": "insufficient_quota"}}', BackendSetupError),
        (404, '{"error": {"message": "The model `x` does not exist."}}', BackendSetupError),
        (404, "<html>nginx</html>", BackendSetupError),
        (307, "", BackendSetupError),
        (418, "", BackendSetupError),
        (429, '{"error": {"code": "insufficient_quota"}}', BackendSetupError),
        (429, "", BackendBusyError),
        (500, "", BackendUnavailableError),
        (502, "<html>", BackendUnavailableError),
        (503, "", BackendUnavailableError),
        (503, '{"error": {"message": "Queue is full"}}', BackendBusyError),
        (529, '[{"error": {"message": "Overloaded"}}]', BackendBusyError),
    ],
)
def test_status_and_body_say_who_must_act(status: int, body: str, kind: type[BackendError]) -> None:
    """Retry, user or operator."""
    assert type(error_from_response(status, body, {})) is kind


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (500, "tools param requires --jinja flag"),
        (500, "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj"),
        (404, "No endpoints found that support tool use. Try disabling a tool."),
        (404, "No endpoints found that support image input"),
        (400, "registry.ollama.ai/library/gemma:2b does not support tools"),
    ],
)
def test_what_an_engine_cannot_do_is_a_refusal(status: int, message: str) -> None:
    """Asking again would not help, whatever status llama.cpp or OpenRouter gives it; the user hears the reason."""
    error = error_from_response(status, f'{{"error": {{"message": "{message}"}}}}', {})
    assert type(error) is RequestRefusedError
    assert "support" in str(error) or "requires" in str(error)


def test_refusal_names_the_field() -> None:
    """The public API has a place for it."""
    error = error_from_response(400, '{"error": {"message": "bad", "param": "temperature"}}', {})
    assert isinstance(error, RequestRefusedError)
    assert error.param == "temperature"


@pytest.mark.parametrize(
    "body", ['{"detail": "bad stop"}', '{"message": "bad stop"}', '{"error": "bad stop"}', "bad stop"]
)
def test_words_are_found_in_every_shape(body: str) -> None:
    """FastAPI, Ollama, TGI and plain text."""
    assert "bad stop" in str(error_from_response(400, body, {}))


@pytest.mark.parametrize("body", ["", "7", "{", "[]", "[" * 100_000, '{"error": {"message": 5}}', '{"code": "9999"}'])
def test_odd_bodies_do_no_harm(body: str) -> None:
    """An error about an error helps nobody."""
    assert isinstance(error_from_response(400, body, {}), RequestRefusedError)


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"Retry-After": "7"}, "", 7),
        ({"retry-after-ms": "250"}, "", 0.25),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:10 GMT", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"}, "", 10),
        ({"Retry-After": "Wed, 21 Oct 2020 07:28:10 GMT"}, "", 0),
        ({"Retry-After": "soon"}, "", None),
        ({"Retry-After": "99999999"}, "", 3600),
        ({}, "Rate limit reached. Please try again in 1.5s.", 1.5),
        ({}, "Please try again in 20ms.", 0.02),
        ({}, "Please retry after 2 minutes", 120),
        ({}, "", None),
    ],
)
def test_wait_is_read_from_headers_and_words(headers: dict[str, str], body: str, seconds: float | None) -> None:
    """Providers tell it in four ways."""
    error = error_from_response(429, body, headers)
    assert isinstance(error, BackendBusyError)
    assert error.retry_after_s == pytest.approx(seconds)


@pytest.mark.parametrize(
    "secret",
    [
        "http://user:pw@gpu-7.internal:8000/v1",
        "10.0.0.7:8000",
        "localhost:8000",
        "gpu-7.internal:8000",
        "/srv/models/llama/config.json",
        "sk-abcdefgh12345678",
        "hf_abcdefgh12345678",
    ],
)
def test_addresses_paths_and_keys_are_washed_out(secret: str) -> None:
    """People who chat learn nothing about the house behind (CVE-2026-73555)."""
    assert washed(f"Error at {secret} while reading") == "Error at … while reading"


@pytest.mark.parametrize("text", ["temperature must be in [0, 2], got 20.0", "use a/b or c", "24/7 and/or 1:2"])
def test_plain_words_are_not_washed_out(text: str) -> None:
    """What the user must change has to stay readable."""
    assert washed(text) == text


def test_foreign_words_are_one_short_line() -> None:
    """No control characters reach a log or a terminal."""
    said = washed("a\x1b[31m\n\u202eb" + "c" * 1000)
    assert said.startswith("a [31m bc")
    assert len(said) == MAX_MESSAGE_CHARS


def test_refused_key_names_its_variable_only() -> None:
    """The operator must find it; nobody must read it."""
    body = '{"error": {"message": "Incorrect API key provided: sk-abcdefgh12345678"}}'
    said = str(error_from_response(401, body, {}, api_key_env="OPENAI_API_KEY"))
    assert "OPENAI_API_KEY" in said
    assert "sk-" not in said
