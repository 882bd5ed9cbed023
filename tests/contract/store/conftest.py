"""Every store, fresh, with one owner and one stranger."""

import hashlib
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from maru.store.base import Store
from support.stores import EVERY_KIND, new_store


@pytest.fixture(
    params=[pytest.param(kind, marks=[pytest.mark.postgres] * (kind == "postgresql")) for kind in EVERY_KIND]
)
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Store, None]:
    """One of the stores."""
    opened = new_store(str(request.param), tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
async def owner(store: Store) -> str:
    """Id of the user who asks."""
    return (await store.local_owner()).id


@pytest.fixture
def secret_hash() -> str:
    """Hash of some key's secret."""
    return hashlib.sha256(b"secret").hexdigest()
