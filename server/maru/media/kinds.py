"""What a file is, by its first bytes: neither its name nor what a client says of it is believed. Pure."""

NEITHER = "neither text nor an image"
_PICTURES = ((b"\x89PNG\r\n\x1a\n", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF87a", "GIF"), (b"GIF89a", "GIF"))
_BRANDS = {b"heic": "HEIC", b"heix": "HEIC", b"hevc": "HEIC", b"mif1": "HEIC", b"msf1": "HEIC", b"avif": "AVIF"}
_OTHERS = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"BM", "a BMP image"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"ID3", "audio"),
    (b"OggS", "audio or video"),
    (b"RIFF", "audio or video"),
)


def picture_format(data: bytes) -> str | None:
    """The format of an image that can be read, as Pillow names it; None for everything else."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return next((name for start, name in _PICTURES if data.startswith(start)), None)


def unreadable_kind(data: bytes) -> str:
    """A word for bytes that are neither text nor an image that can be read."""
    if data[4:8] == b"ftyp":
        brand = _BRANDS.get(data[8:12])
        return "audio or video" if brand is None else f"an image in the format {brand}"
    return next((word for start, word in _OTHERS if data.startswith(start)), NEITHER)
