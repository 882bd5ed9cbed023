"""Whether a reply is right. Pure: text in, verdict out."""

from maru_training.house.families.base import Turn


def is_right(turn: Turn, reply: str) -> bool:
    """Judge a reply to a turn by the rule that the turn carries.

    Case does not count. A piece that begins or ends with a Latin letter or a digit must stand there as a
    word of its own: 4 is not in 47, nor Ann in Anna.
    """
    said = reply.strip().casefold()
    if any(_contains(said, piece.casefold()) for piece in turn.must_not_contain):
        return False
    if not turn.must_contain:
        return said == turn.assistant.strip().casefold()
    return all(_contains(said, piece.casefold()) for piece in turn.must_contain)


def _contains(said: str, piece: str) -> bool:
    place = said.find(piece)
    while place >= 0:
        end = place + len(piece)
        if not (_joined(said[place - 1 : place], piece[:1]) or _joined(piece[-1:], said[end : end + 1])):
            return True
        place = said.find(piece, place + 1)
    return False


def _joined(left: str, right: str) -> bool:
    return _is_latin(left) and _is_latin(right)


def _is_latin(letter: str) -> bool:
    return letter != "" and letter.isascii() and letter.isalnum()
