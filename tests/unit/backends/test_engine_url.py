"""Rules of `engine_url.py`: which addresses are one's own."""

import pytest

from maru_backends.claude import ClaudeSettings
from maru_backends.engine_url import is_near
from maru_backends.openai_compatible import OpenAICompatibleSettings
from maru_backends.vllm import VllmSettings

NEAR = ["127.0.0.1:8000", "[::1]:8000", "localhost", "gpu-3:8000", "192.168.0.7", "vllm.ml.svc.cluster.local"]
FAR = ["api.openai.com", "8.8.8.8", "openrouter.ai"]


@pytest.mark.parametrize(("host", "expected"), [*((host, True) for host in NEAR), *((host, False) for host in FAR)])
def test_an_address_tells_whose_it_is(host: str, *, expected: bool) -> None:
    """Machines of one's own are asked for their health more often than providers."""
    assert is_near(f"http://{host}/v1") is expected


def test_settings_tell_whether_they_are_a_providers() -> None:
    """By the backend, or where that serves both by the address."""
    assert ClaudeSettings(model="m").is_hosted
    assert OpenAICompatibleSettings(preset="mistral", model="m").is_hosted
    assert not OpenAICompatibleSettings(preset="ollama", model="m").is_hosted
    assert not VllmSettings(base_url="http://gpu:8000/v1").is_hosted
