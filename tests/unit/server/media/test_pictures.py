"""Images of any kind and any intent become small, upright, opaque, bare ones, or are refused before they cost much."""

import io
import resource
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image, PngImagePlugin

from maru.media.errors import MediaError, TooLargeError
from maru.media.pictures import MOST_PNG_BYTES, Picture, PictureBounds, picture_of
from support.files import image

BOUNDS = PictureBounds(max_pixels=1_000_000, max_side=256)
Color = tuple[int, ...]


def drawn(data: bytes, bounds: PictureBounds = BOUNDS) -> tuple[Picture, Image.Image]:
    """What is kept of an image, and what a reader sees of that."""
    picture = picture_of(data, bounds)
    shown = Image.open(io.BytesIO(picture.data))
    assert shown.mode == "RGB"
    assert shown.size == (picture.width, picture.height)
    assert shown.getexif() == {}
    assert not {"exif", "icc_profile", "comment", "xmp", "Comment", "photoshop"} & set(shown.info)
    return picture, shown


def middle(shown: Image.Image) -> Color:
    """The colour in its middle."""
    found = shown.getpixel((shown.width // 2, shown.height // 2))
    assert isinstance(found, tuple)
    return tuple(map(int, found))


def is_near(color: Color, other: Color, by: int = 8) -> bool:
    """Whether they look alike; a JPEG keeps colours nearly."""
    return all(abs(one - two) <= by for one, two in zip(color, other, strict=True))


@pytest.mark.parametrize(
    ("data", "color"),
    [
        (image("PNG", mode="1", color=1), (255, 255, 255)),
        (image("PNG", mode="L", color=100), (100, 100, 100)),
        (image("PNG", mode="LA", color=(100, 255)), (100, 100, 100)),
        (image("PNG", mode="P", color=0), (0, 0, 0)),
        (image("PNG", mode="I;16", color=0x8080), (128, 128, 128)),
        (image("PNG", mode="RGBA", color=(10, 20, 30, 255)), (10, 20, 30)),
        (image("PNG", mode="RGBA", color=(10, 20, 30, 0)), (255, 255, 255)),
        (image("PNG", mode="RGBA", color=(255, 255, 255, 128)), (128, 128, 128)),
        (image("JPEG", mode="L", color=100), (100, 100, 100)),
        (image("JPEG", mode="CMYK", color=(0, 255, 255, 0)), (255, 0, 0)),
        (image("WEBP", mode="RGBA", color=(200, 10, 10, 255), lossless=True), (200, 10, 10)),
        (image("GIF", color="blue"), (0, 0, 255)),
    ],
)
def test_every_way_to_write_colours_becomes_rgb(data: bytes, color: Color) -> None:
    """Also those that engines read wrongly: transparency, sixteen bits, ink."""
    _, shown = drawn(data)
    assert is_near(middle(shown), color)


def test_a_palette_with_a_transparent_colour_is_laid_on_white() -> None:
    """Engines that drop the transparency show what was hidden."""
    hidden = Image.new("P", (8, 8), 3)
    hidden.putpalette([255, 0, 0] * 256)
    buffer = io.BytesIO()
    hidden.save(buffer, "PNG", transparency=3)
    _, shown = drawn(buffer.getvalue())
    assert middle(shown) == (255, 255, 255)


def test_light_writing_without_a_ground_is_laid_on_black() -> None:
    """On white nobody could read it."""
    writing = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    writing.paste((255, 255, 255, 255), (10, 18, 30, 22))
    buffer = io.BytesIO()
    writing.save(buffer, "PNG")
    _, shown = drawn(buffer.getvalue())
    assert middle(shown) == (255, 255, 255)
    assert shown.getpixel((0, 0)) == (0, 0, 0)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_an_image_is_turned_as_its_camera_was(kind: str, orientation: int) -> None:
    """A photograph of a page is read from the top; all eight ways, as viewers show them."""
    corner = Image.new("RGB", (60, 40), "white")
    corner.paste("black", (0, 0, 20, 20))
    exif = Image.Exif()
    exif[0x0112] = orientation
    buffer = io.BytesIO()
    corner.save(buffer, kind, exif=exif)
    _, shown = drawn(buffer.getvalue())
    assert shown.size == ((60, 40) if orientation < 5 else (40, 60))
    where = {1: "tl", 2: "tr", 3: "br", 4: "bl", 5: "tl", 6: "tr", 7: "br", 8: "bl"}[orientation]
    x = 3 if where[1] == "l" else shown.width - 4
    y = 3 if where[0] == "t" else shown.height - 4
    found = shown.getpixel((x, y))
    assert isinstance(found, tuple)
    assert is_near(tuple(map(int, found)), (0, 0, 0), by=40)


@pytest.mark.parametrize(("size", "kept"), [((512, 256), (256, 128)), ((900, 3), (256, 1)), ((200, 100), (200, 100))])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_what_is_too_long_is_made_smaller(kind: str, size: tuple[int, int], kept: tuple[int, int]) -> None:
    """In its proportions, and never to nothing."""
    _, shown = drawn(image(kind, size))
    assert shown.size == kept


def test_nothing_of_the_file_comes_through() -> None:
    """Neither where it was taken nor what was said about it."""
    exif = Image.Exif()
    exif[0x010E] = "SECRET"
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", "SECRET")
    words.add_itxt("XML:com.adobe.xmp", "SECRET")
    profile = b"SECRET" * 30
    files = [
        image("JPEG", exif=exif, comment=b"SECRET", icc_profile=profile, xmp=b"SECRET"),
        image("PNG", pnginfo=words, exif=exif, icc_profile=profile),
        image("WEBP", exif=exif, icc_profile=profile, xmp=b"SECRET"),
        image("GIF", comment=b"SECRET"),
    ]
    for data in files:
        picture, _ = drawn(data)
        assert b"SECRET" not in picture.data


@pytest.mark.parametrize("tail", [b"<script>alert(1)</script>", b"PK\x03\x04" + b"x" * 100, b"%PDF-1.7"])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_second_file_behind_an_image_is_left_behind(kind: str, tail: bytes) -> None:
    """A polyglot is one file only, afterwards."""
    picture, _ = drawn(image(kind) + tail)
    assert tail not in picture.data


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP"])
def test_of_what_moves_the_first_frame_is_kept(kind: str) -> None:
    """An engine sees one moment, and people see which."""
    frames = [Image.new("RGB", (16, 16), color) for color in ("red", "blue")]
    buffer = io.BytesIO()
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:], duration=100)
    _, shown = drawn(buffer.getvalue())
    assert is_near(middle(shown), (255, 0, 0))
    assert getattr(shown, "n_frames", 1) == 1


def test_a_photograph_sent_without_loss_does_not_stay_huge() -> None:
    """Noise is the worst that a PNG can hold."""
    noise = Image.effect_noise((1400, 1400), 100).convert("RGB")
    buffer = io.BytesIO()
    noise.save(buffer, "PNG", compress_level=0)
    picture, _ = drawn(buffer.getvalue(), PictureBounds(max_side=2048))
    assert picture.media_type == "image/jpeg"
    assert len(picture.data) < MOST_PNG_BYTES


def test_what_was_drawn_here_stays_as_it_is() -> None:
    """From server to server it does not fade, whichever kind it is."""
    for kind in ("PNG", "JPEG", "WEBP", "GIF"):
        noise = Image.effect_noise((120, 80), 60).convert("RGB")
        buffer = io.BytesIO()
        noise.save(buffer, kind)
        once = picture_of(buffer.getvalue(), BOUNDS).data
        assert picture_of(once, BOUNDS).data == once


HIDING: tuple[Callable[[bytes], bytes], ...] = (
    lambda data: data + b"PK\x03\x04" + b"\xff\xd9",
    lambda data: data[:2] + b"\xff\xe1\x00\x08SECRET" + data[2:],
    lambda data: data[:2] + b"\xff\xfe\x00\x08SECRET" + data[2:],
    lambda data: data[:-2] + b"\xff\xe1\x00\x08SECRET" + data[-2:],
    lambda data: data[:2] + b"\xff\xe0\x00\x10SECRET12345678" + data[2:],
)


@pytest.mark.parametrize("more", HIDING)
def test_what_hides_in_a_jpeg_is_left_behind(more: Callable[[bytes], bytes]) -> None:
    """Also in one that was drawn here before."""
    once = picture_of(image("JPEG"), BOUNDS).data
    again = picture_of(more(once), BOUNDS).data
    assert b"SECRET" not in again
    assert b"PK" not in again


def test_the_same_pixels_always_make_the_same_bytes() -> None:
    """An engine's cache of a conversation's beginning must go on being its beginning."""
    assert picture_of(image("JPEG"), BOUNDS).data == picture_of(image("JPEG"), BOUNDS).data


def _png(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def _header(width: int, height: int, kind: int = 2, depth: int = 8) -> tuple[bytes, bytes]:
    return b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)


def _cut(kind: str) -> bytes:
    data = image(kind, (64, 64))
    return data[: len(data) // 2]


def _wrong_crc() -> bytes:
    data = bytearray(image("PNG"))
    data[30] ^= 0xFF
    return bytes(data)


_ROWS = zlib.compress(b"\x00" * 3001 * 300)
BROKEN: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "only a signature": lambda: b"\x89PNG\r\n\x1a\n",
    "text that says it is": lambda: b"image/png",
    "a cut PNG": lambda: _cut("PNG"),
    "a cut JPEG": lambda: _cut("JPEG"),
    "a cut GIF": lambda: _cut("GIF"),
    "a cut WebP": lambda: _cut("WEBP"),
    "a wrong checksum": _wrong_crc,
    "no size": lambda: _png(_header(0, 0), (b"IDAT", _ROWS), (b"IEND", b"")),
    "fewer rows than it says": lambda: _png(_header(1000, 900), (b"IDAT", zlib.compress(b"\x00" * 10)), (b"IEND", b"")),
    "an unknown depth": lambda: _png(_header(8, 8, depth=77), (b"IDAT", _ROWS), (b"IEND", b"")),
    "a JPEG in a PNG's clothes": lambda: b"\x89PNG\r\n\x1a\n" + image("JPEG"),
    "an SVG": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "a page": lambda: b"<!doctype html><img src=x onerror=alert(1)>",
    "a BMP": lambda: image("BMP"),
    "a TIFF": lambda: image("TIFF"),
    "an icon": lambda: image("ICO"),
    "a JPEG of a thousand scans": lambda: image("JPEG") + b"\xff\xda" * 1000,
    "PostScript": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_whole_image_is_refused(name: str) -> None:
    """With a word of ours, whatever the decoder says."""
    with pytest.raises(MediaError):
        picture_of(BROKEN[name](), BOUNDS)


def _huge_gif() -> bytes:
    return b"GIF89a" + struct.pack("<HH", 65535, 65535) + b"\x00\x00\x00" + image("GIF")[13:]


def _huge_jpeg() -> bytes:
    data = bytearray(image("JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", 65500, 65500)
    return bytes(data)


BOMBS: dict[str, Callable[[], bytes]] = {
    "a PNG of 60,000 pixels a side": lambda: _png(_header(60_000, 60_000), (b"IDAT", _ROWS), (b"IEND", b"")),
    "one of the largest sides there are": lambda: _png(_header(2**31 - 1, 2**31 - 1), (b"IDAT", _ROWS), (b"IEND", b"")),
    "one of a single long row": lambda: _png(_header(2**31 - 1, 1), (b"IDAT", _ROWS), (b"IEND", b"")),
    "a GIF": _huge_gif,
    "a JPEG": _huge_jpeg,
    "just over the bound": lambda: image("PNG", (1001, 1000)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_too_many_pixels_are_refused_before_they_are_decoded(name: str) -> None:
    """A file of a few bytes must not take the memory of the server."""
    data = BOMBS[name]()
    picture_of(image(), BOUNDS)  # the library is loaded before memory is measured
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(TooLargeError, match="pixels"):
        picture_of(data, BOUNDS)
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kib < 32 * 1024


def test_a_comment_that_grows_a_thousandfold_is_not_read_out() -> None:
    """A chunk of text in a PNG is packed too."""
    packed = zlib.compress(b"x" * 200_000_000)
    rows = zlib.compress(b"\x00" * 25 * 8)
    data = _png(_header(8, 8), (b"zTXt", b"Comment\x00\x00" + packed), (b"IDAT", rows), (b"IEND", b""))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(MediaError):
        picture_of(data, BOUNDS)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024
