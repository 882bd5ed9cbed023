"""Errors of the inner rooms as clients are told them: the one place where they are translated."""

import logging

from maru.protocol.errors import ApiError, not_found
from maru.store.base import (
    ConversationLockedError,
    DuplicateFactError,
    DuplicatePromptError,
    MemoryFullError,
    NotFoundError,
    StoreError,
    StoreFullError,
    TooManyPromptsError,
)
from maru.turns.turn import failure_code
from maru_backends.errors import BackendBusyError, BackendError, RequestRefusedError

logger = logging.getLogger(__name__)


def api_error_of(error: Exception) -> ApiError:
    """The error a client sees; what is our own fault is logged whole and told without details."""
    match error:
        case ApiError():
            return error
        case StoreError():
            return _error_of_store(error)
        case RequestRefusedError():
            return ApiError(400, str(error), code=failure_code(error), param=error.param)
        case BackendBusyError():
            return ApiError(
                429,
                str(error),
                code="rate_limit_exceeded",
                type_="rate_limit_error",
                retry_after_s=error.retry_after_s,
            )
        case BackendError():
            return ApiError(503, str(error), code="server_error", type_="server_error")
        case _:
            return _mistake(error)


def _error_of_store(error: StoreError) -> ApiError:
    match error:
        case NotFoundError():
            return not_found(error.kind.capitalize(), error.id)
        case ConversationLockedError():
            message = f"The conversation is busy with response {error.response_id!r}. Wait for its end or cancel it."
            return ApiError(400, message, code="conversation_locked", param="conversation")
        case MemoryFullError():
            message = f"Memory is full: {error}. Delete one that is not needed any more, or change one."
            return ApiError(400, message, code="memory_full")
        case DuplicateFactError():
            message = f"Nothing was saved, because {error}. Change that one, or send other words."
            return ApiError(400, message, code="duplicate_fact", param="text")
        case DuplicatePromptError():
            message = f"Nothing was saved, because {error}. Choose another word, or change that one."
            return ApiError(400, message, code="duplicate_prompt", param="word")
        case TooManyPromptsError():
            message = f"Nothing was saved: {error}. Delete one that is not needed any more."
            return ApiError(400, message, code="too_many_prompts")
        case StoreFullError():
            message = "Nothing could be saved: the server's disk is full. Nothing was sent to the model."
            return ApiError(503, message, code="storage_full", type_="server_error")
        case _:
            return _mistake(error)


def _mistake(error: Exception) -> ApiError:
    logger.error("a request broke", exc_info=error)
    return ApiError(500, "The server made a mistake. It was logged.", code="server_error", type_="server_error")
