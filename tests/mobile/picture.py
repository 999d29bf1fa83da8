"""Pictures as cameras write them."""

from __future__ import annotations

SCAN = b"\xff\xda\x00\x02"


def segment(marker: int, content: bytes) -> bytes:
    """One segment of a JPEG."""
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content


def jpeg(data: bytes = b"a picture", *before: bytes) -> bytes:
    """The frame of a JPEG around some data, with segments before it; no decoder shows it."""
    return b"\xff\xd8" + b"".join(before) + SCAN + data.replace(b"\xff", b"\xff\0") + b"\xff\xd9"
