"""All parts of the store's seam about what is kept beside conversations."""

from typing import Protocol

from maru.store.custom import CustomStore
from maru.store.facts import FactStore
from maru.store.feedback import FeedbackStore
from maru.store.files import FileStore
from maru.store.folders import FolderStore
from maru.store.moving import MovingStore
from maru.store.prompts import PromptStore
from maru.store.search import SearchStore
from maru.store.shares import ShareStore
from maru.store.summaries import SummaryStore


class AttachedStore(
    CustomStore,
    FactStore,
    FeedbackStore,
    FileStore,
    FolderStore,
    MovingStore,
    PromptStore,
    SearchStore,
    ShareStore,
    SummaryStore,
    Protocol,
):
    """Custom instructions, facts, feedback, files, folders, what came from elsewhere, prompts, shares, summaries."""
