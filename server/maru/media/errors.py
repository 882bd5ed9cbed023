"""Why a file cannot be used; each message is for whoever sent it.

MediaError          send another file
└── TooLargeError   or a smaller one
"""


class MediaError(Exception):
    """The file cannot be read as what it is."""


class TooLargeError(MediaError):
    """It is larger than the operator allows."""
