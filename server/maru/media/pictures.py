"""Images as engines and pages get them: decoded, upright, opaque, of a bounded size, and without what was in the file.

What comes out was drawn anew from pixels, so nothing of the file gets through: no metadata, no place where it was
taken, no second file hidden in it. Blocks; runs in threads (`reader.py`).
"""

import io
import threading
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from maru.media.bare_jpegs import is_bare
from maru.media.errors import MediaError, TooLargeError
from maru.media.kinds import picture_format

if TYPE_CHECKING:
    from PIL.Image import Image

JPEG_QUALITY = 90
MOST_PNG_BYTES = 3 * 2**20  # a larger one is a photograph, of which a JPEG has a tenth
LIGHT = 224  # of 255: what is lighter on average would be lost on white
MOST_SCANS = 100  # of a JPEG, each of which is drawn over the whole image; cameras and programs write up to a dozen
LARGE_PIXELS = 16_000_000  # so many and more are decoded one at a time: they take up to 10 bytes each
_one_large = threading.Lock()
_SCAN = b"\xff\xda"
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

    if kind == "JPEG" and data.count(_SCAN) > MOST_SCANS:
        raise MediaError("it is a JPEG that was written to be slow to read.")
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as opened:
            pixels, mode = _pixels(opened, bounds), opened.mode
            # A JPEG can be decoded smaller than it is.
            opened.draft(None, (bounds.max_side, bounds.max_side))
            is_large = opened.width * opened.height > LARGE_PIXELS
            with _one_large if is_large else nullcontext():
                image = _drawn(opened, bounds.max_side)
    except MediaError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:  # Pillow has a bound of its own
        raise TooLargeError(_too_many(bounds)) from error
    except Exception as error:  # whatever a decoder raises on hostile bytes: they differ by format and version
        raise MediaError(f"it is damaged, and cannot be read as {kind}.") from error
    if kind == "JPEG" and mode == "RGB" and image.width * image.height == pixels and is_bare(data):
        return Picture(data, "image/jpeg", image.width, image.height)
    is_dense = len(data) * image.width * image.height > MOST_PNG_BYTES * pixels
    return _encoded(image, may_be_png=kind in {"PNG", "GIF"} and not is_dense)


def _pixels(image: "Image", bounds: PictureBounds) -> int:
    width, height = image.size
    if width * height > bounds.max_pixels:
        raise TooLargeError(_too_many(bounds, f" ({width} x {height})"))
    return width * height


def _too_many(bounds: PictureBounds, found: str = "") -> str:
    return f"it has more than {bounds.max_pixels} pixels{found}. Make it smaller and send it again."


def _drawn(image: "Image", max_side: int) -> "Image":
    """Smaller first, because everything after it then costs less."""
    from PIL import ImageOps  # noqa: PLC0415

    image.load()
    small = _with_colours(image)
    small.thumbnail((max_side, max_side))
    # Its orientation stands in the file's own words, which the smaller one does not always have.
    small.info["exif"] = image.getexif().tobytes()
    return _opaque(ImageOps.exif_transpose(small))


def _with_colours(image: "Image") -> "Image":
    """In a mode in which neighbouring pixels can be mixed."""
    if image.mode in _WIDE_MODES:
        return image.convert("I").point(lambda value: value * (1 / 256), "L")
    if image.has_transparency_data:
        return image if image.mode == "RGBA" else image.convert("RGBA")
    return image if image.mode in {"RGB", "L"} else image.convert("RGB")


def _opaque(image: "Image") -> "Image":
    """As RGB, on white, or on black where it would vanish on white."""
    from PIL import Image, ImageStat  # noqa: PLC0415

    if image.mode != "RGBA":
        return image.convert("RGB")
    seen = image.getchannel("A").point(lambda alpha: 255 if alpha else 0)
    grey = ImageStat.Stat(image.convert("L"), mask=seen)
    is_light = grey.count[0] > 0 and grey.mean[0] > LIGHT
    ground = Image.new("RGBA", image.size, "black" if is_light else "white")
    ground.alpha_composite(image)
    return ground.convert("RGB")


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
