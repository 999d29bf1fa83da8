"""Reading the codes of others on an instrument: makers, provincial platforms, GS1, e-CQS. None of them can be checked for a signature.

An adapter a format, tried in order; the first that recognises the text says what it found and how sure it is. Whatever comes is kept verbatim as
``raw`` and is text alone: no address in it is ever opened. The ``key`` is the same for writings that mean the same, and is what an alias is
looked up by. Formats of platforms are local and unpublished, so their adapter guesses and says so.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import msgspec
from msgspec import Meta
from stdnum import ean

from shared.codes.giai import format_giai, parse_giai
from shared.errors import InputError

MOST = 7089
"""Characters that the largest QR code holds (ISO/IEC 18004, version 40-L, digits); what is longer came from no camera."""
MOST_KEY = 128
MOST_FIELD = 64
MOST_CANDIDATES = 8

ForeignText = Annotated[str, Meta(min_length=1, max_length=MOST)]
AliasKey = Annotated[str, Meta(min_length=1, max_length=MOST_KEY)]


class LabelFormat(StrEnum):
    GS1 = "gs1"
    """A GS1 Digital Link or element string."""
    PLATFORM = "platform"
    """An address of a platform or a maker."""
    E_CQS = "e_cqs"
    """Fields of the e-CQS ledger."""
    SERIAL_NUMBER = "serial_number"
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    """How sure it is that the code stands for one instrument."""

    SURE = "sure"
    """The format itself says so."""
    LIKELY = "likely"
    """A field is named as identifiers are named."""
    GUESS = "guess"
    """Something looks like an identifier, or the text is of no known format."""
    NONE = "none"
    """It names a model, a maker, a page or nothing: many instruments may bear the same. So does what is longer than a code can be."""


class Candidate(msgspec.Struct, frozen=True):
    """Something in an address that may identify the instrument."""

    value: str
    where: str
    """The parameter's name, or ``path``."""
    confidence: Confidence


class ForeignLabel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a code of others says."""

    format: LabelFormat
    raw: str
    """The text as it was scanned, every character."""
    key: AliasKey
    confidence: Confidence
    serial_number: str = ""
    manufacturer: str = ""
    model: str = ""
    name: str = ""
    """What the code calls the instrument (器具名称)."""
    host: str = ""
    """Of an address."""
    candidates: list[Candidate] = []
    """The surest first."""

    @property
    def names_one(self) -> bool:
        """Whether it may stand for one instrument, so that binding it makes sense."""
        return self.confidence is not Confidence.NONE

    def contradicts(self, serial_number: str) -> bool:
        """Whether the code says another serial number than this; signs that are no digit and no letter don't count."""
        return bool(self.serial_number) and bare(self.serial_number) != bare(serial_number)


def read_foreign(raw: str) -> ForeignLabel:
    """What a code of others says; never raises, and what is not understood is UNKNOWN."""
    text = raw.strip("\ufeff \t\r\n\x00")
    if 0 < len(text) <= MOST:
        for adapter in ADAPTERS:
            if adapter is not read_gs1 and has_controls(text):
                break
            found = adapter(raw, text)
            if found is not None:
                return found
    confidence = Confidence.GUESS if text and len(raw) <= MOST else Confidence.NONE
    return ForeignLabel(
        format=LabelFormat.UNKNOWN, raw=raw, key=key_of(LabelFormat.UNKNOWN, text), confidence=confidence
    )


def legible(raw: str, most: int = 200) -> str:
    """The beginning of a code for the screen: signs that can't be seen or that turn the writing round become ``·``."""
    shown = "".join(one if one.isprintable() or one == "\n" else "·" for one in raw[:most])
    return shown + ("…" if len(raw) > most else "")


def has_controls(text: str) -> bool:
    """Whether it holds control or formatting signs, which no honest payload needs but for its line ends."""
    return any(unicodedata.category(one) in ("Cc", "Cf", "Cs") and one not in "\r\n\t" for one in text)


def key_of(label_format: LabelFormat, text: str) -> AliasKey:
    """The key of a normalised text: readable where it is short, else its SHA-256."""
    key = f"{label_format.value}:{text}"
    if len(key) <= MOST_KEY and key.isprintable():
        return key
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{label_format.value}:sha256:{digest}"


def folded(text: str) -> str:
    """A text for comparing: compatibility forms, case and runs of white space don't count (UAX #15, NFKC)."""
    return " ".join(unicodedata.normalize("NFKC", text).upper().split())


def bare(number: str) -> str:
    """A serial number for comparing: letters and digits alone."""
    return "".join(one for one in folded(number) if one.isalnum())


# GS1: General Specifications section 3, Digital Link URI syntax 1.2

_ELEMENT = re.compile(r"\((\d{2,4})\)([^()]*(?:\((?!\d{2,4}\))[^()]*)*)")
_SERIAL = re.compile(r"[!%-?A-Z_a-z\"]{1,20}")
_FNC1 = re.compile(r"^(?:\]C1|\]e0|\]d2|\]Q3)")
_GRAI = re.compile(r"0?([0-9]{13})([!%-?A-Z_a-z\"]{0,16})")


def read_gs1(raw: str, text: str) -> ForeignLabel | None:
    """A GIAI (8004), a GTIN with its serial number (01, 21), a GRAI (8003); in an address, in brackets, or behind an FNC1."""
    elements = _elements(text)
    serial = elements.get("21", "")
    if _is_giai(elements.get("8004", "")):
        return _gs1(raw, format_giai(elements["8004"]), Confidence.SURE, "")
    grai = _GRAI.fullmatch(elements.get("8003", ""))
    if grai and ean.is_valid(grai[1]):
        confidence = Confidence.SURE if grai[2] else Confidence.NONE
        return _gs1(raw, f"(8003)0{grai[1]}{grai[2]}", confidence, grai[2])
    gtin = elements.get("01", "")
    if gtin.isascii() and gtin.isdigit() and len(gtin) in (8, 12, 13, 14) and ean.is_valid(gtin):
        gtin = gtin.zfill(14)
        if _SERIAL.fullmatch(serial):
            return _gs1(raw, f"(01){gtin}(21){serial}", Confidence.SURE, serial)
        return _gs1(raw, f"(01){gtin}", Confidence.NONE, "")
    return None


def _is_giai(value: str) -> bool:
    """Whether it is a GIAI as it stands: around a typed one there may be blanks, in a code there are none."""
    try:
        return parse_giai(value) == value
    except InputError:
        return False


def _gs1(raw: str, text: str, confidence: Confidence, serial: str) -> ForeignLabel:
    return ForeignLabel(
        format=LabelFormat.GS1,
        raw=raw,
        key=key_of(LabelFormat.GS1, text),
        confidence=confidence,
        serial_number=serial,
    )


def _elements(text: str) -> dict[str, str]:
    """Application identifiers and their values."""
    bracketed = _FNC1.sub("", text)
    if bracketed.startswith("("):
        return {ai: value.strip(" \x1d") for ai, value in _ELEMENT.findall(bracketed)}
    if _FNC1.match(text) or text.startswith("\x1d"):
        return _concatenated(bracketed.strip("\x1d"))
    address = _address(text)
    if address is None:
        return {}
    parts = [unquote(part) for part in address.path.split("/")]
    keys = [place for place, part in enumerate(parts[:-1]) if part in ("01", "8003", "8004")]
    return dict(zip(parts[keys[0] :: 2], parts[keys[0] + 1 :: 2], strict=False)) if keys else {}


def _concatenated(text: str) -> dict[str, str]:
    """An element string without brackets, its parts ended by FNC1 where their length is not fixed."""
    from stdnum import gs1_128

    try:
        # The library takes brackets for decoration, and they may be part of a GIAI: such a text is left to the other adapters.
        return {} if "(" in text else {ai: str(each) for ai, each in gs1_128.info(text, "\x1d").items()}
    except Exception:
        # The library lets errors of many kinds through; each means that this is no element string.
        return {}


# Addresses

SERIAL_NAMES = {
    "sn", "serial", "serialno", "serialnum", "serialnumber", "ccbh", "factoryno", "factorynumber", "出厂编号",
}  # fmt: skip
"""Names under which addresses have been seen, or may be expected, to carry 出厂编号; folded, without ``_`` and ``-``. From memory."""
IDENTIFIER_NAMES = {
    "id", "code", "no", "num", "number", "uuid", "guid", "bh", "qjbh", "sbbh", "qrcode", "qr", "barcode", "key", "deviceid",
    "deviceno", "equipmentid", "equipid", "instrumentid", "meterid", "assetid", "labelid", "tagid", "编号", "器具编号", "设备编号",
}  # fmt: skip
_LOOKS_LIKE_ONE = re.compile(r"(?=.*\d)[0-9A-Za-z_\-.]{4,64}")
_FILE = re.compile(r"\.(?:html?|php|jsp|aspx?|do|action)$", re.IGNORECASE)
_HOME = re.compile(r"/*(?:(?:index|home|default|main)(?:\.\w{2,5})?)?/*", re.IGNORECASE)
_WORD = re.compile(r"v\d+(?:\.\d+)*|\d{4}-\d{2}-\d{2}", re.IGNORECASE)


def read_platform(raw: str, text: str) -> ForeignLabel | None:
    """An address of a platform or a maker: the identifiers that it may carry, and how sure each is."""
    address = _address(text)
    if address is None:
        return None
    candidates = sorted(_candidates(address), key=lambda one: list(Confidence).index(one.confidence))
    serial = next((one.value for one in candidates if _plain(one.where) in SERIAL_NAMES), "")
    return ForeignLabel(
        format=LabelFormat.PLATFORM,
        raw=raw,
        key=key_of(LabelFormat.PLATFORM, _normalised(address)),
        confidence=candidates[0].confidence if candidates else confidence_in(address),
        serial_number=serial,
        host=address.hostname or "",
        candidates=candidates[:MOST_CANDIDATES],
    )


def confidence_in(address: Any) -> Confidence:
    """How sure it is where nothing looks like an identifier: a short link's letters may be one, a home page is on everything of its maker."""
    is_home = not address.query and not address.fragment and _HOME.fullmatch(address.path)
    return Confidence.NONE if is_home else Confidence.GUESS


def _address(text: str) -> Any:
    """The parts of a web address, or None: other schemes, and addresses with a name and password, are none of ours."""
    if not re.match(r"https?://[^\s/]", text, re.IGNORECASE):
        return None
    try:
        parts = urlsplit(text)
        usable = parts.hostname and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return None
    return parts if usable and not re.search(r"\s", text) else None


def _normalised(address: Any) -> str:
    """Host, path and query as RFC 3986 section 6.2.2 compares them; http and https lead to one and the same page."""
    port = f":{address.port}" if address.port not in (None, 80, 443) else ""
    query = f"?{_encoded(address.query)}" if address.query else ""
    fragment = f"#{_encoded(address.fragment)}" if address.fragment else ""
    return f"{address.hostname}{port}{_encoded(address.path) or '/'}{query}{fragment}"


def _encoded(part: str) -> str:
    """Percent-encoding in its one canonical writing: unreserved signs plain, all others as upper-case UTF-8."""

    def plain(found: re.Match[str]) -> str:
        sign = chr(int(found[1], 16))
        return sign if sign.isascii() and (sign.isalnum() or sign in "-._~") else found[0].upper()

    decoded = re.sub(r"%([0-9A-Fa-f]{2})", plain, part)
    return quote(decoded, safe="!#$%&'()*+,/:;=?@[]~", errors="surrogatepass")


def _plain(name: str) -> str:
    return folded(name).lower().replace("_", "").replace("-", "")


def _candidates(address: Any) -> Iterator[Candidate]:
    """What may identify: parameters first, of the fragment too (a page that draws itself has its route there), then the path's end."""
    route, _, routed = address.fragment.partition("?")
    for name, value in parse_qsl(address.query) + parse_qsl(routed):
        plain = _plain(name)
        if 0 < len(value) <= MOST_FIELD and value.isprintable():
            if plain in SERIAL_NAMES or (plain in IDENTIFIER_NAMES and len(value) > 1):
                yield Candidate(value, name, Confidence.LIKELY)
            elif _LOOKS_LIKE_ONE.fullmatch(value) and not _WORD.fullmatch(value):
                yield Candidate(value, name, Confidence.GUESS)
    for part in (address.path, route):
        end = unquote(part.rstrip("/").rpartition("/")[2])
        if _LOOKS_LIKE_ONE.fullmatch(end) and not _FILE.search(end) and not _WORD.fullmatch(end):
            yield Candidate(end, "path", Confidence.GUESS)
    if "=" not in address.query and _LOOKS_LIKE_ONE.fullmatch(unquote(address.query)):
        yield Candidate(unquote(address.query), "query", Confidence.GUESS)


# e-CQS

_FIELDS = {
    "出厂编号": "serial_number", "产品编号": "serial_number", "器具编号": "serial_number",
    "生产厂家": "manufacturer", "制造单位": "manufacturer", "生产单位": "manufacturer", "制造厂": "manufacturer", "制造厂家": "manufacturer",
    "型号规格": "model", "规格型号": "model", "型号/规格": "model", "型号": "model",
    "器具名称": "name", "计量器具名称": "name",
}  # fmt: skip
"""Names of the e-CQS ledger's fields and their other writings on forms (the writings from memory)."""
_OTHER_FIELDS = {
    "项别", "种别", "测量范围", "准确度等级", "产地", "安装/使用地点", "使用地点", "使用地点行政区划", "数量", "用途", "送检方式", "使用单位",
}  # fmt: skip


def read_e_cqs(raw: str, text: str) -> ForeignLabel | None:
    """Fields of the e-CQS ledger as ``name:value`` or as JSON; two names that are known are needed, or 出厂编号 alone."""
    instruments = list(_objects(text)) or [_pairs(text)]
    known = [{_FIELDS[name]: value for name, value in one.items() if name in _FIELDS} for one in instruments]
    names = {name for one in instruments for name in one if name in _FIELDS or name in _OTHER_FIELDS}
    if len(names) < 2 and not any("serial_number" in one for one in known):
        return None
    first = known[0]
    serial, maker = first.get("serial_number", ""), first.get("manufacturer", "")
    confidence = Confidence.SURE if serial and maker else Confidence.LIKELY if serial else Confidence.NONE
    if any(one.get("serial_number", "") != serial for one in known):
        # A list of several instruments is no name of one.
        first, confidence = {}, Confidence.NONE
    whole = "|".join([folded(maker), folded(first.get("model", "")), bare(serial)])
    key = whole if serial and first else folded(text)
    return ForeignLabel(
        format=LabelFormat.E_CQS,
        raw=raw,
        key=key_of(LabelFormat.E_CQS, key),
        confidence=confidence,
        serial_number=first.get("serial_number", ""),
        manufacturer=first.get("manufacturer", ""),
        model=first.get("model", ""),
        name=first.get("name", ""),
    )


_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


def _objects(text: str) -> Iterator[dict[str, str]]:
    """JSON objects, one or one a line; numbers keep their digits."""
    if not text.startswith("{"):
        return
    for source in [text] if "\n{" not in text else text.splitlines():
        try:
            pairs = _object.decode(source).items()
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            continue
        yield {_name(name): _clean(_plain_value(value)) for name, value in pairs}


def _plain_value(value: msgspec.Raw) -> str:
    try:
        return msgspec.json.decode(value, type=str)
    except (msgspec.DecodeError, RecursionError):
        return bytes(value).decode() if re.fullmatch(rb"[0-9.eE+-]+", bytes(value)) else ""


def _pairs(text: str) -> dict[str, str]:
    """``name:value`` parts, between line ends, semicolons or bars; between commas where there is none of these."""
    plain = unicodedata.normalize("NFKC", text)
    parts = re.split(r"[\r\n;|]+", plain)
    if len(parts) == 1:
        parts = re.split(r"[,&\t]+", plain)
    found: dict[str, str] = {}
    for part in parts:
        name, mark, value = re.match(r"([^:=]*)([:=]?)(.*)", part).groups()  # type: ignore[union-attr]
        if mark:
            found.setdefault(_name(name), _clean(value))
    return found


def _name(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split())


def _clean(value: str) -> str:
    value = " ".join(value.split())
    return value if len(value) <= MOST_FIELD and value.isprintable() else ""


# Serial numbers

_NUMBER = re.compile(r"(?=(?:.*\d){4})[0-9A-Z](?:[0-9A-Z./\-]| (?! )){2,30}[0-9A-Z]")
_MARKED = re.compile(
    r"(?:^|[\s,;:])(?:S/?N|NO\.?|SERIAL(?: NO\.?| NUMBER)?|出厂编号|编号)[ :#.]+(?P<number>[0-9A-Z][0-9A-Z./\-]{2,30})(?:$|[\s,;])"
)


def read_serial_number(raw: str, text: str) -> ForeignLabel | None:
    """A serial number alone, or behind S/N, No., 编号; two makers may use the same, so it is never sure."""
    plain = folded(text)
    marked = _MARKED.search(plain)
    if marked:
        number, confidence = marked["number"], Confidence.LIKELY
    elif _NUMBER.fullmatch(plain):
        number, confidence = plain, Confidence.GUESS
    else:
        return None
    return ForeignLabel(
        format=LabelFormat.SERIAL_NUMBER,
        raw=raw,
        key=key_of(LabelFormat.SERIAL_NUMBER, bare(number)),
        confidence=confidence,
        serial_number=number,
    )


Adapter = Callable[[str, str], ForeignLabel | None]
ADAPTERS: tuple[Adapter, ...] = (read_gs1, read_platform, read_e_cqs, read_serial_number)
"""In the order in which they are asked; each gets the text as scanned and without what surrounds it."""
