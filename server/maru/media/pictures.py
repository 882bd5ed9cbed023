"""Images as engines and pages get them: decoded, upright, opaque, of a bounded size, and without what was in the file.

What comes out was drawn anew from pixels, so nothing of the file gets through: no metadata, no place where it was
taken, no second file hidden in it. Blocks; runs in threads (`reader.py`).
"""

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from maru.media.errors import MediaError, TooLargeError
from maru.media.kinds import picture_format

if TYPE_CHECKING:
    from PIL.Image import Image

JPEG_QUALITY = 90
MOST_PNG_BYTES = 3 * 2**20  # a larger one is a photograph, of which a JPEG has a tenth
LIGHT = 224  # of 255: what is lighter on average would be lost on white
_WIDE_MODES = frozenset({"I", "F", "I;16", "I;16B", "I;16L"})


@dataclass(frozen=True, slots=True)
class PictureBounds:
    """How large an image may be.

    Attributes:
        max_pixels: one with more is refused before it is decoded.
        max_side: one that is longer or higher is made smaller.
    """

    max_pixels: int = 50_000_000
    max_side: int = 2048


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that can be shown to anybody; sizes in pixels."""

    data: bytes
    media_type: Literal["image/png", "image/jpeg"]
    width: int
    height: int


def picture_of(data: bytes, bounds: PictureBounds) -> Picture:
    """The first frame of an image, drawn anew.

    Raises:
        TooLargeError: it has too many pixels.
        MediaError: it is broken, or no image that can be read.
    """
    kind = picture_format(data)
    if kind is None:
        raise MediaError("it is no image in one of the formats PNG, JPEG, WebP and GIF.")
    # Here, because a server that is sent no image should not carry it: it takes a tenth of a second and 10 MB.
    from PIL import Image  # noqa: PLC0415

    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as opened:
            _check_size(opened, bounds)
            image = _upright(opened, bounds.max_side)
    except MediaError:
        raise
    except Exception as error:  # whatever a decoder raises on hostile bytes: they differ by format and version
        raise MediaError(f"it is damaged, and cannot be read as {kind}.") from error
    return _encoded(image, may_be_png=kind in {"PNG", "GIF"})


def _check_size(image: "Image", bounds: PictureBounds) -> None:
    width, height = image.size
    if width * height > bounds.max_pixels:
        message = (
            f"it has {width} x {height} pixels, and {bounds.max_pixels} are allowed in all. Make it smaller and "
            "send it again."
        )
        raise TooLargeError(message)


def _upright(image: "Image", max_side: int) -> "Image":
    from PIL import ImageOps  # noqa: PLC0415

    image.draft(None, (max_side, max_side))  # a JPEG can be decoded smaller than it is
    image.load()
    turned = ImageOps.exif_transpose(image)
    opaque = _opaque(turned)
    # Never wider than high by so much that a side would vanish: Pillow keeps a pixel of each.
    opaque.thumbnail((max_side, max_side))
    return opaque


def _opaque(image: "Image") -> "Image":
    """As RGB, on white, or on black where it would vanish on white."""
    from PIL import Image, ImageStat  # noqa: PLC0415

    if image.mode in _WIDE_MODES:
        return _narrow(image).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    drawn = image.convert("RGBA")
    seen = drawn.getchannel("A").point(lambda alpha: 255 if alpha else 0)
    grey = ImageStat.Stat(drawn.convert("L"), mask=seen)
    is_light = grey.count[0] > 0 and grey.mean[0] > LIGHT
    ground = Image.new("RGBA", drawn.size, "black" if is_light else "white")
    ground.alpha_composite(drawn)
    return ground.convert("RGB")


def _narrow(image: "Image") -> "Image":
    """Sixteen bits of grey as eight."""
    return image.convert("I").point(lambda value: value * (1 / 256), "L")


def _encoded(image: "Image", *, may_be_png: bool) -> Picture:
    width, height = image.size
    bare = image.copy()
    bare.info.clear()  # else a profile or a comment of the file goes along
    if may_be_png:
        data = _saved(bare, "PNG", optimize=False)
        if len(data) <= MOST_PNG_BYTES:
            return Picture(data, "image/png", width, height)
    return Picture(_saved(bare, "JPEG", quality=JPEG_QUALITY), "image/jpeg", width, height)


def _saved(image: "Image", kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
