"""What a picture may tell beside itself: nothing but how it is to be turned and what its colours mean.

A camera writes the place, the time, the phone's number and sometimes a second, smaller picture into the file. Place and time are the
record's to say; the rest is nobody's business.
"""

from __future__ import annotations

from collections.abc import Iterator

from shared.errors import InputError

SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
APP0, APP1, APP2, APP14, APP15, COM = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
BARE = {0x01, *range(0xD0, 0xD8)}
"""Markers without a length (ISO/IEC 10918-1 B.1.1.3): TEM and the restarts."""
MEANT = {APP0: b"JFIF\0", APP2: b"ICC_PROFILE\0", APP14: b"Adobe"}
"""What decoders need to show the picture as it is."""
EXIF = b"Exif\0\0"
ORIENTATION, SHORT = 0x0112, 3


def stripped(jpeg: bytes) -> bytes:
    """The picture without metadata, all else byte for byte. Raises InputError ``picture_unreadable``."""
    kept, turned = [b"\xff\xd8"], 1
    for marker, part in segments(jpeg):
        if marker == APP1 and part[4:].startswith(EXIF):
            turned = orientation(part[4 + len(EXIF) :]) or turned
        is_metadata = APP0 <= marker <= APP15 or marker == COM
        if not is_metadata or (marker in MEANT and part[4:].startswith(MEANT[marker])):
            kept.append(part)
    if turned != 1:
        # JFIF comes first where there is one.
        place = 2 if len(kept) > 1 and kept[1][1] == APP0 else 1
        kept.insert(place, turning(turned))
    return b"".join(kept)


def segments(jpeg: bytes) -> Iterator[tuple[int, bytes]]:
    """Each segment with its marker, a scan together with its data, to the end of the image; what comes after that is no part of it."""
    if jpeg[:2] != b"\xff\xd8":
        raise unreadable()
    at = 2
    while True:
        if at + 2 > len(jpeg) or jpeg[at] != 0xFF:
            raise unreadable()
        marker = jpeg[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == EOI:
            yield marker, jpeg[at : at + 2]
            return
        end = at + 2
        if marker not in BARE:
            end += int.from_bytes(jpeg[at + 2 : at + 4], "big")
            if end < at + 4 or end > len(jpeg):
                raise unreadable()
        if marker == SOS:
            end = end_of_scan(jpeg, end)
        yield marker, jpeg[at:end]
        at = end


def end_of_scan(jpeg: bytes, at: int) -> int:
    """Where the next marker stands after a scan's data: neither a stuffed byte nor a restart."""
    while True:
        at = jpeg.find(b"\xff", at)
        if at < 0 or at + 1 >= len(jpeg):
            raise unreadable()
        if jpeg[at + 1] != 0 and jpeg[at + 1] not in BARE:
            return at
        at += 2


def orientation(tiff: bytes) -> int:
    """How the picture is to be turned (1 to 8, Exif 2.3 §4.6.4 A); 0 where that is not said."""
    order = {b"II": "little", b"MM": "big"}.get(tiff[:2])
    if order is None:
        return 0

    def number(at: int, size: int) -> int:
        return int.from_bytes(tiff[at : at + size], "little" if order == "little" else "big")

    first = number(4, 4)
    for place in range(number(first, 2)):
        at = first + 2 + 12 * place
        if number(at, 2) == ORIENTATION and number(at + 2, 2) == SHORT:
            value = number(at + 8, 2)
            return value if 1 <= value <= 8 else 0
    return 0


def turning(value: int) -> bytes:
    """An Exif segment that says how to turn the picture, and nothing else."""
    entry = ORIENTATION.to_bytes(2, "big") + SHORT.to_bytes(2, "big") + (1).to_bytes(4, "big")
    tiff = (
        b"MM\0*"
        + (8).to_bytes(4, "big")
        + (1).to_bytes(2, "big")
        + entry
        + value.to_bytes(2, "big")
        + bytes(6)
    )
    content = EXIF + tiff
    return b"\xff\xe1" + (len(content) + 2).to_bytes(2, "big") + content


def unreadable() -> InputError:
    """What the camera gave is no whole picture."""
    return InputError("picture_unreadable", "The picture is damaged.", "Take it once more.")
