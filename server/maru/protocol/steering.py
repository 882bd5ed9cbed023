"""`response.steer`: words for an answer that is being written. Not supported, and said so (digest section 10).

Pure. The refusal is an event, never an `error` frame, which clients take for the end of the answer that runs.
"""

from collections.abc import Mapping

from maru.protocol.events import Steer, SteerError, SteerFailed

_MESSAGE = (
    "This server cannot steer an answer that is being written. Wait for its end, or stop it with 'response.cancel', "
    "then send the input with a 'response.create'."
)


def refused_steer(frame: Mapping[str, object], number: int, stream_id: str | None) -> SteerFailed:
    """The answer to a steer frame, whatever is or is not in it.

    Args:
        frame: what the client sent.
        number: how many steers were refused on this socket before.
        stream_id: the lane of the answer that was meant, where one is known.
    """
    return SteerFailed(
        sequence_number=number,
        error=SteerError(code="steering_not_supported", message=_MESSAGE),
        steer=Steer(input=frame.get("input"), previous_response_id=frame.get("previous_response_id")),
        stream_id=stream_id,
    )
