"""What is on the glass at one moment: what can be touched, and what is said."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

HEAD = 76
"""Pixels from the top in which a screen says what it is."""
NUMBER = re.compile(r"\b[0-9A-F]{5}-[0-9A-F]{5}\b")
READ = """() => {
  const camera = document.querySelector(".camera");
  const seen = element => {
    const box = element.getBoundingClientRect();
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return box.height > 24 && Boolean(top) && element.contains(top);
  };
  const said = element => [element.getAttribute("aria-label"), element.getAttribute("aria-valuetext"),
    element.children.length ? "" : element.textContent].filter(Boolean).join(" ").trim();
  const placed = (kind, element, name, more) => {
    const box = element.getBoundingClientRect();
    return { kind, name, x: box.x + box.width / 2, y: box.y + box.height / 2, seen: seen(element), ...more };
  };
  const things = [], texts = [];
  let top = null;
  for (const button of camera ? camera.querySelectorAll("button") : []) {
    if (!button.hidden) things.push(placed("camera", button, button.getAttribute("aria-label") || button.textContent, {}));
  }
  for (const node of document.querySelectorAll("flt-semantics, flt-semantics *")) {
    if (node.matches("input, textarea")) {
      things.push(placed("field", node, node.getAttribute("aria-label") || "", { value: node.value }));
    } else if (node.getAttribute("role") === "button") {
      const current = node.getAttribute("aria-current");
      const chosen = current === null ? null : current === "true";
      things.push(placed("button", node, said(node), { chosen, idle: node.getAttribute("aria-disabled") === "true" }));
    } else if (said(node)) {
      const group = node.closest("[role=group]");
      top = top || group || node;
      texts.push(placed("text", node, said(node), { head: top === (group || node) }));
    }
  }
  const page = camera ? [camera.innerText] : document.querySelector("flutter-view") ? [] : [document.body ? document.body.innerText : ""];
  return { things, texts, camera: Boolean(camera), page: page.join(" "), address: location.href };
}"""


class Kind(StrEnum):
    """What sort of thing one can touch."""

    BUTTON = "button"
    FIELD = "field"
    CAMERA = "camera"
    """A button of the camera's own page, which lies over the app's."""
    TEXT = "text"
    """Nothing to touch: something said."""


@dataclass(frozen=True)
class Thing:
    """One named thing on the glass."""

    kind: Kind
    name: str
    x: float = 0
    y: float = 0
    seen: bool = True
    """Whether nothing covers it and it lies on the glass, not below it."""
    chosen: bool | None = None
    idle: bool = False
    value: str = ""
    head: bool = False
    """Whether it stands in the bar at the top."""


@dataclass(frozen=True)
class Glass:
    """All that a screen reader would find at one moment."""

    things: list[Thing] = field(default_factory=list)
    texts: list[Thing] = field(default_factory=list)
    camera: bool = False
    page: str = ""
    """What the page says by itself: the camera's page, or the one before Flutter is there."""
    address: str = ""

    @classmethod
    def of(cls, read: dict[str, Any]) -> Glass:
        """What the page gave for :data:`READ`."""
        return cls(
            [thing_of(each) for each in read["things"]],
            [thing_of(each) for each in read["texts"]],
            read["camera"],
            read["page"],
            read["address"],
        )

    @property
    def head(self) -> str:
        """What the screen says that it is, with its subtitle."""
        return " / ".join(each.name for each in self.texts if each.head and each.y < HEAD)

    @property
    def said(self) -> str:
        """Everything said, in one text."""
        return "\n".join([*(each.name for each in [*self.texts, *self.things]), self.page])

    @property
    def offered(self) -> list[Thing]:
        """What a finger can reach now, in an order that does not hang on how the page was built up."""
        kinds = {Kind.CAMERA} if self.camera else {Kind.BUTTON, Kind.FIELD}
        reached = [each for each in self.things if each.kind in kinds and each.seen and not each.idle]
        return sorted((each for each in reached if each.name), key=lambda each: (each.name, each.y, each.x))

    @property
    def numbers(self) -> set[str]:
        """Numbers of records that are shown."""
        return set(NUMBER.findall(self.said))

    def has(self, pattern: str) -> bool:
        """Whether a thing to touch has such a name."""
        return any(re.search(pattern, each.name) for each in self.things)

    def face(self) -> tuple[object, ...]:
        """What two readings have in common while nothing moves."""
        return tuple((each.kind, each.name, each.chosen, each.value) for each in [*self.things, *self.texts])


def thing_of(read: dict[str, Any]) -> Thing:
    return Thing(
        Kind(read["kind"]),
        read["name"],
        read["x"],
        read["y"],
        read["seen"],
        read.get("chosen"),
        read.get("idle", False),
        read.get("value", ""),
        read.get("head", False),
    )
