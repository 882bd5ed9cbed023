"""The official `openai` SDK's files, and responses that refer to them, without a patch."""

import base64
from collections.abc import Generator
from pathlib import Path

import openai
import pytest
from openai import OpenAI
from openai.types import FileObject
from openai.types.responses.response_input_param import ResponseInputParam

from support.files import image
from support.live_server import LiveServer
from support.scripted_server import scripted_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[LiveServer]:
    """One server for all tests here, on a database."""
    with scripted_server(tmp_path_factory.mktemp("files")) as server:
        yield server


def test_files_from_birth_to_death(client: OpenAI, tmp_path: Path) -> None:
    """Every call of `client.files` that is not about batches."""
    notes = tmp_path / "노트 1.txt"
    notes.write_text("딸기\n", encoding="utf-8")
    made = client.files.create(file=notes, purpose="user_data")
    assert isinstance(made, FileObject)
    assert (made.object, made.filename, made.bytes, made.purpose, made.status) == (
        *("file", notes.name, 7, "user_data", "processed"),
    )
    picture = client.files.create(file=("a.png", image()), purpose="vision")
    assert client.files.retrieve(made.id) == made
    assert client.files.content(made.id).read() == "딸기\n".encode()
    assert [one.id for one in client.files.list(limit=1)] == [picture.id, made.id]
    assert [one.id for one in client.files.list(purpose="vision", order="asc")] == [picture.id]
    assert client.files.wait_for_processing(made.id).status == "processed"
    deleted = client.files.delete(made.id)
    assert (deleted.id, deleted.deleted, deleted.object) == (made.id, True, "file")
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(made.id)


def test_a_response_reads_files_by_id_and_by_data(client: OpenAI) -> None:
    """And is seen again as it was sent."""
    made = client.files.create(file=("a.txt", b"uploaded words"), purpose="user_data")
    data = base64.b64encode(b"inline words").decode()
    asked: ResponseInputParam = [
        {
            "role": "user",
            "content": [
                {"type": "input_file", "file_id": made.id},
                {"type": "input_file", "filename": "b.txt", "file_data": f"data:text/plain;base64,{data}"},
                {"type": "input_text", "text": "What do they say?"},
            ],
        }
    ]
    response = client.responses.create(model="echo", input=asked)
    for words in ("uploaded words", "inline words", "What do they say?"):
        assert words in response.output_text
    (item,) = client.responses.input_items.list(response.id).data
    assert item.type == "message"
    first = item.content[0]
    assert (first.type, getattr(first, "file_id", None), getattr(first, "filename", None)) == (
        *("input_file", made.id, "a.txt"),
    )


@pytest.mark.parametrize("kind", ["id", "data"])
def test_a_response_sees_an_image(client: OpenAI, kind: str) -> None:
    """The echo model has eyes, and says nothing of what it sees."""
    if kind == "id":
        made = client.files.create(file=("cat.png", image()), purpose="vision")
        asked: ResponseInputParam = [
            {"role": "user", "content": [{"type": "input_image", "file_id": made.id, "detail": "auto"}]}
        ]
    else:
        url = f"data:image/png;base64,{base64.b64encode(image()).decode()}"
        asked = [{"role": "user", "content": [{"type": "input_image", "image_url": url, "detail": "low"}]}]
    assert client.responses.create(model="echo", input=asked).status == "completed"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (("a.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3"), "a PDF"),
        (("a.zip", b"PK\x03\x04\x00"), "ZIP"),
        (("a.svgz", b"\x1f\x8b\x00"), "gzip"),
        (("cat.png", b"\x89PNG\r\n\x1a\nno"), "damaged"),
        (("empty.txt", b""), "empty"),
    ],
)
def test_what_no_model_could_read_is_refused(client: OpenAI, file: tuple[str, bytes], said: str) -> None:
    """At the upload, with a word of what it is."""
    with pytest.raises(openai.BadRequestError, match=said):
        client.files.create(file=file, purpose="user_data")


def test_what_cannot_be_honoured_is_refused(client: OpenAI) -> None:
    """Nothing is dropped in silence."""
    with pytest.raises(openai.BadRequestError, match="purpose"):
        client.files.create(file=b"x", purpose="batch")
    expiry: openai.types.file_create_params.ExpiresAfter = {"anchor": "created_at", "seconds": 3600}
    with pytest.raises(openai.BadRequestError, match="expires_after"):
        client.files.create(file=b"x", purpose="user_data", expires_after=expiry)
