"""What must never be seen, judged from what was seen; each judge says what is wrong, or nothing."""

from __future__ import annotations

import io
import re

from PIL import Image

from tests.monkey.glass import Glass

HARMLESS = re.compile(
    r"rive_native|Failed to load resource|net::ERR_|ERR_CONNECTION|Content Security Policy|GPU stall|WebGL|deprecated|"
    r"the server responded with a status"
)
"""What browsers say of a network that is not there, and of Flutter's own doings."""
CRASHED = re.compile(
    r"Traceback \(most recent call last\)|Error running app|Unhandled error|was never retrieved"
)
LEAVES = re.compile(
    r"^(返回|关闭|今天|留着|不了|取消|继续|好了，出发|完成，扫下一台|重试.*|免费检定|待传.*|我的|✕|\d|删除)$"
)
"""Names of things that lead away from a screen; the digits are those of a locked phone."""
SHADES = 32
"""How far two colours may be apart and still look like one."""
SLOW_SECONDS = 8.0
"""In which the app must have taken up a touch, on a machine that does other work as well."""


def crashed(lines: list[str], glass: Glass) -> str:
    """An error that nobody handled, told by the browser, by Python or on the glass."""
    found = [line for line in lines if not HARMLESS.search(line)]
    if found:
        return "errors were logged:\n" + "\n".join(found[:40])
    shown = CRASHED.search(glass.said)
    return f"the glass says {shown.group()}" if shown else ""


def blank(glass: Glass, picture: bytes) -> str:
    """Nothing to touch, or nothing to see."""
    if not [each for each in glass.things if each.name] and not glass.page.strip():
        return "nothing on the glass has a name"
    return "the whole glass is of one colour" if one_colour(picture) else ""


def one_colour(picture: bytes) -> bool:
    """Whether no pixel looks other than the next."""
    with Image.open(io.BytesIO(picture)) as shown:
        small = shown.convert("RGB").resize((96, 192))
    return all(high - low < SHADES for low, high in small.getextrema())


def dead_end(glass: Glass) -> str:
    """No thing to touch that leads away."""
    if any(LEAVES.search(each.name) for each in glass.things):
        return ""
    return f"nothing leads away from {glass.head!r}: {[each.name for each in glass.things]}"


def frozen(seconds: float) -> str:
    """The app was not free to take up a touch for too long."""
    return f"the app took {seconds:.1f} s to take up a touch" if seconds > SLOW_SECONDS else ""
