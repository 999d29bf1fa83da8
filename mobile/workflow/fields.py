"""What is typed at a point: the indication, and what the procedure reads beside it; each has a text, or a value that stands there meanwhile."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from mobile.workflow.draft import Cursor, Draft, Field
from mobile.workflow.keying import NUMBER
from shared.errors import InputError
from shared.inspection import PlannedPoint
from shared.message import Message
from shared.metrology.points import REFERENCE, START
from shared.metrology.procedure import InputChoice, InputField
from shared.quantity import Quantity

ADDED_DECIMALS = 3
INDICATED = Message("Reading")


class FieldView(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a point as the form shows it."""

    id: str
    name: Message
    unit: str
    decimals: int
    text: str = ""
    """What was typed, half of it or all."""
    standing: str = ""
    """What counts while nothing is typed."""
    choices: list[InputChoice] = []
    """Where not empty, one of these is chosen instead of typed."""
    optional: bool = False
    here: bool = False
    """Whether the keypad writes into it."""

    @property
    def value(self) -> str:
        return self.text or self.standing


def written(value: Decimal) -> str:
    """A figure as one types it, without an exponent."""
    return f"{value:f}"


def fields_of(draft: Draft, planned: PlannedPoint) -> list[FieldView]:
    """The fields of a point: what is read beside the indication in the procedure's order, then the indication."""
    texts, here = texts_at(draft, planned)
    views = [
        FieldView(
            id=each.id,
            name=Message(each.name),
            unit=each.unit,
            decimals=each.decimals,
            text=texts.get(each.id, ""),
            standing=standing_value(draft, each),
            choices=each.choices,
            optional=each.optional,
            here=each.id == here,
        )
        for each in planned.inputs
    ]
    indication = FieldView(
        id=Field.INDICATION.value,
        name=INDICATED,
        unit=planned.unit,
        decimals=planned.decimals,
        text=texts.get(Field.INDICATION, ""),
        here=here == Field.INDICATION,
    )
    return [*views, indication]


def texts_at(draft: Draft, planned: PlannedPoint) -> tuple[dict[str, str], str]:
    """What was typed at a point by field, and the field that one is in; of an answered point what its reading holds."""
    cursor = draft.cursor if draft.cursor.point == planned.key else draft.left.get(planned.key, Cursor())
    reading = draft.standing(planned.key)
    if reading is None:
        return cursor.texts(), cursor.field
    given = {name: written(each.value) for name, each in reading.inputs.items()}
    if planned.reference_read:
        given[REFERENCE] = written(reading.reference.value)
    if reading.indication is not None:
        given[Field.INDICATION.value] = written(reading.indication.value)
    return given, cursor.field


def standing_value(draft: Draft, field: InputField) -> str:
    """The usual value; where there is none that of the reading before, and a counter goes on from what it showed last."""
    if field.usual or field.anew:
        return field.usual
    before = next(
        (one for one in reversed(draft.readings) if field.id in one.inputs and one.indication is not None),
        None,
    )
    if before is None:
        return ""
    taken_over = before.indication if field.id == START else before.inputs[field.id]
    return written(taken_over.value) if taken_over else ""


def first_open(fields: list[FieldView]) -> str:
    """The first field in which nothing stands that must be there; the indication where all others are filled."""
    return next((each.id for each in fields if not each.value and not each.optional), Field.INDICATION.value)


def check_text(field: FieldView) -> None:
    """Raises InputError ``reading_missing``, ``input_missing``, ``reading_unreadable`` or ``reading_too_fine``."""
    if not field.value:
        if field.id == Field.INDICATION:
            raise InputError("reading_missing", "There is no reading yet.", "Type what the display shows.")
        raise InputError(
            "input_missing", "{what} was not read.", "Read it and type it.", what=field.name.text
        )
    found = NUMBER.fullmatch(field.value)
    if not found:
        raise InputError(
            "reading_unreadable", "{text} is not a number.", "Type the reading again.", text=field.value
        )
    if len(found["fraction"] or "") <= field.decimals:
        return
    if field.id == Field.INDICATION:
        raise InputError(
            "reading_too_fine",
            "The display shows {decimals} decimals, not more.",
            "Type the reading just as it is displayed.",
            decimals=field.decimals,
        )
    raise InputError(
        "reading_too_fine",
        "{what}: at most {decimals} decimals.",
        "Type the reading just as it is displayed.",
        decimals=field.decimals,
        what=field.name.text,
    )


def check_added(text: str) -> None:
    """Looks at the grams of the added weights. Raises as :func:`check_text`, and InputError ``added_negative``."""
    check_text(
        FieldView(
            id=Field.ADDED_WEIGHTS.value,
            name=Message("Added weights ΔL"),
            unit="g",
            decimals=ADDED_DECIMALS,
            text=text,
        )
    )
    if text.startswith("-"):
        raise InputError(
            "added_negative",
            "Weights that were added can't be negative.",
            "Type the weights that were added.",
        )


def beside(planned: PlannedPoint, fields: list[FieldView]) -> tuple[Quantity, dict[str, Quantity]]:
    """The reference value and the inputs as they stand. Raises as :func:`check_text`."""
    reference, inputs = planned.reference, {}
    for each in fields:
        if each.id == Field.INDICATION or (each.optional and not each.value):
            continue
        check_text(each)
        if each.id == REFERENCE and planned.reference_read:
            reference = Quantity(Decimal(each.text), each.unit) if each.text else planned.reference
        else:
            inputs[each.id] = Quantity(Decimal(each.value), each.unit)
    return reference, inputs


def same_figure(planned: PlannedPoint, fields: list[FieldView]) -> str:
    """What the display shows when it agrees with the standard; empty where that can't be said beforehand.

    That is so where a counter goes on from its start, and where the standard was read finer than the display shows.
    """
    given = {each.id: each for each in fields}
    if START in given:
        return ""
    read = given.get(REFERENCE) if planned.reference_read else None
    if read is None or not read.text:
        return planned.same
    if not NUMBER.fullmatch(read.text):
        return ""
    value = Decimal(read.text)
    shown = value.quantize(Decimal(1).scaleb(-planned.decimals))
    return written(shown) if shown == value else ""
