"""The rules that stand in assets, and what a person may call their parts by: the id, or the Chinese name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from shared.errors import InputError
from shared.metrology.catalogue import Catalogue, Kind
from shared.metrology.prepackages.rules import PrepackageRules

ASSETS = Path(__file__).parents[2] / "assets"


class Named(Protocol):
    """Goods of a table."""

    @property
    def id(self) -> str: ...

    @property
    def chinese(self) -> str: ...


Goods = TypeVar("Goods", bound=Named)


def files(folder: str) -> dict[str, bytes]:
    """The TOML files of a folder of assets, by name."""
    return {path.name: path.read_bytes() for path in (ASSETS / folder).glob("*.toml")}


def catalogue() -> Catalogue:
    """The catalogue of kinds. Raises InputError ``catalogue_invalid``."""
    return Catalogue.parse(files("catalogue"))


def prepackages() -> PrepackageRules:
    """The rules on prepackages. Raises InputError ``catalogue_invalid``."""
    return PrepackageRules.parse(files("prepackages"))


def kind_named(rules: Catalogue, name: str) -> Kind:
    """The kind of that id or Chinese name. Raises InputError ``kind_unknown``."""
    for kind in rules.kinds.values():
        if name in (kind.id, kind.chinese):
            return kind
    raise InputError(
        "kind_unknown",
        "The catalogue has no kind {kind}.",
        "quanheng catalogue lists those that it has.",
        kind=name,
    )


def goods_named(rows: Iterable[Goods], name: str) -> Goods:
    """The goods of that id or Chinese name. Raises InputError ``goods_unknown``."""
    known: Sequence[Goods] = list(rows)
    for each in known:
        if name in (each.id, each.chinese):
            return each
    raise InputError(
        "goods_unknown",
        "There are no goods {goods} in the rules.",
        "There are: {known}.",
        goods=name,
        known=", ".join(f"{each.id} {each.chinese}" for each in known) or "-",
    )
