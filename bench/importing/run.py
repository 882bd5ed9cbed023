"""What it costs to take in an export of ChatGPT of 300 MB: time, and memory over that of a server at rest.

The file is made up: conversations of 60 messages with a branch at every fourth question. It is read, converted and
written to SQLite as by `maru import`; then every conversation's branches are counted.

Run: `python bench/importing/run.py` (or `make bench`); results: `bench/importing/result.json`.
"""

import argparse
import asyncio
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE.parents[1] / "tests"))

from maru.media.pictures import PictureBounds  # noqa: E402
from maru.media.reader import Reader  # noqa: E402
from maru.moving.arrivals import arrivals  # noqa: E402 (the made-up export lies with the tests)
from maru.moving.keeping import Keeping  # noqa: E402
from maru.moving.pending import Pending  # noqa: E402
from maru.store.migrate import upgrade  # noqa: E402
from maru.store.paging import PageQuery  # noqa: E402
from maru.store.sql.sqlite import sqlite_url  # noqa: E402
from maru.store.sql.store import open_store  # noqa: E402
from support.foreign_exports import array_of, long_chatgpt  # noqa: E402

MESSAGES = 60
WORDS = "A maru is a wooden floor, and 마루 is where one sits in summer. " * 12
NOW = 1_790_000_000
MIB = 2**20


def peak_mib() -> float:
    """The most memory that this process had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def write_export(file: Path, mib: int) -> int:
    """Write an export of about so many MiB; how many conversations are in it."""
    one = len(b"".join(array_of([long_chatgpt(1, MESSAGES, WORDS)])))
    count = mib * MIB // one
    with file.open("wb") as written:
        written.writelines(array_of(long_chatgpt(number, MESSAGES, WORDS) for number in range(count)))
    return count


async def take_in(file: Path, folder: Path) -> dict[str, float | int]:
    """Import it, and look whether all of it is there."""
    url = sqlite_url(folder / "maru.sqlite3")
    upgrade(url)
    store = open_store(url)
    owner = (await store.local_owner()).id
    before, started, cpu = peak_mib(), time.perf_counter(), time.process_time()
    imported = 0
    with file.open("rb") as upload:
        size = upload.seek(0, 2)
        upload.seek(0)
        pending = Pending(folder, most_file_bytes=20 * 2**20)
        keeping = Keeping(store, Reader(PictureBounds()), owner, pending, most_bytes=2**30, now=NOW)
        async for one in arrivals(store, owner, upload, keeping=keeping, name=file.name, size=size, now=NOW):
            imported += one.outcome == "imported"
    took, cpu = time.perf_counter() - started, time.process_time() - cpu
    more = peak_mib() - before
    page, _ = await store.conversations_of(owner, PageQuery(1))
    tree = await store.tree_for(owner, page[0].id)
    parents = [stored.parent_id for stored in tree]
    await store.close()
    return {
        "file_mib": round(size / MIB),
        "conversations": imported,
        "seconds": round(took, 1),
        "cpu_seconds": round(cpu, 1),
        "memory_over_rest_mib": round(more, 1),
        "branches_of_one": len(parents) - len(set(parents)) + 1,
    }


def main() -> None:
    """Make the file, take it in, write the result beside this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mib", type=int, default=300, help="size of the export")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "conversations.json"
        count = write_export(file, options.mib)
        result = asyncio.run(take_in(file, Path(folder)))
    assert result["conversations"] == count
    (HERE / "result.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
