"""Which of an engine's models is ours."""

import pytest

from maru_backends.errors import BackendSetupError
from maru_backends.openai_server import chosen_model, served_models

BASE = '{"id": "base", "max_model_len": 10, "parent": null}'
ADAPTER = '{"id": "helpful", "parent": "base"}'
OTHER = '{"id": "other"}'


def _chosen(wished: str | None, *entries: str) -> str:
    return chosen_model(wished, served_models(f'{{"data": [{", ".join(entries)}]}}'))


def test_the_only_one_is_ours_with_all_its_adapters() -> None:
    """An engine into which adapters were loaded still serves one model."""
    assert _chosen(None, BASE) == _chosen(None, ADAPTER, BASE) == "base"
    assert _chosen("helpful", BASE, ADAPTER) == "helpful"


@pytest.mark.parametrize("entries", [(), (BASE, OTHER), (ADAPTER,)])
def test_several_or_none_need_a_name(entries: tuple[str, ...]) -> None:
    """A guess would answer with another model than was meant."""
    with pytest.raises(BackendSetupError, match="setting model is missing"):
        _chosen(None, *entries)
