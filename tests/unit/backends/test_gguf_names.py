"""Which files of a repository a name means."""

import pytest

from maru_backends.gguf_names import HubName, NoSuchModelError, files_of, hub_name

FILES = (
    *("README.md", "config.json", "weights.safetensors", "mmproj-model-f16.gguf"),
    *("Model-Q4_K_M.gguf", "Model-Q4_K_S.gguf", "Model-IQ4_XS.gguf", "Model.Q8_0.gguf", "UD/Model-UD-Q6_K.gguf"),
    *("BF16/Model-BF16-00002-of-00002.gguf", "BF16/Model-BF16-00001-of-00002.gguf", "Model-F32-00001-of-00003.gguf"),
)


@pytest.mark.parametrize(
    "source",
    [
        "model.gguf",
        "models/model.gguf",
        "./a/b",
        "~/a/b",
        "/a/b",
        "a/b/c",
        "C:\\a\\b",
        "a/b:",
        "a:b/c",
        "a/b:c\\d.gguf",
    ],
)
def test_paths_are_no_names(source: str) -> None:
    """What could be a file here is one."""
    assert hub_name(source) is None


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("a/b-GGUF", HubName("a/b-GGUF", None)),
        ("a/b:Q4_K_M", HubName("a/b", "Q4_K_M")),
        ("a/b.gguf:sub/c.gguf", HubName("a/b.gguf", "sub/c.gguf")),
    ],
)
def test_names_are_read(source: str, name: HubName) -> None:
    """As other products write them."""
    assert hub_name(source) == name


@pytest.mark.parametrize(
    ("wanted", "files"),
    [
        ("Q4_K_M", ["Model-Q4_K_M.gguf"]),
        ("q8_0", ["Model.Q8_0.gguf"]),
        ("IQ4_XS", ["Model-IQ4_XS.gguf"]),
        ("Q6_K", ["UD/Model-UD-Q6_K.gguf"]),
        ("Model-Q4_K_S.gguf", ["Model-Q4_K_S.gguf"]),
        ("Model-UD-Q6_K.gguf", ["UD/Model-UD-Q6_K.gguf"]),
        ("BF16", ["BF16/Model-BF16-00001-of-00002.gguf", "BF16/Model-BF16-00002-of-00002.gguf"]),
        (
            "Model-BF16-00002-of-00002.gguf",
            ["BF16/Model-BF16-00001-of-00002.gguf", "BF16/Model-BF16-00002-of-00002.gguf"],
        ),
    ],
)
def test_one_model_is_meant(wanted: str, files: list[str]) -> None:
    """By its quantisation or the name of a file; all of its parts, the first one first."""
    assert list(files_of(HubName("a/b", wanted), FILES)) == files


@pytest.mark.parametrize("wanted", ["Q4_K", "Q4", "Q4_XS", "Q2_K", "README.md", "weights.safetensors", "f16"])
def test_half_a_quantisation_means_nothing(wanted: str) -> None:
    """Nor does what holds no weights; what is there is told."""
    with pytest.raises(NoSuchModelError, match=r"Model-Q4_K_M\.gguf"):
        files_of(HubName("a/b", wanted), FILES)


def test_without_a_word_there_must_be_one_model() -> None:
    """Whatever else lies beside it."""
    assert files_of(HubName("a/b", None), ["a.txt", "mmproj.gguf", "m.gguf"]) == ("m.gguf",)
    with pytest.raises(NoSuchModelError, match="Several models"):
        files_of(HubName("a/b", None), FILES)
    with pytest.raises(NoSuchModelError, match=r"no \.gguf file"):
        files_of(HubName("a/b", None), ["a.safetensors"])


def test_missing_parts_are_told() -> None:
    """An upload may be under way."""
    with pytest.raises(NoSuchModelError, match="holds 1 of the 3 parts"):
        files_of(HubName("a/b", "F32"), FILES)
