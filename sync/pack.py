"""A county pack: the states of one county as a SQLite file that the server builds ahead and the phone reads as it is.

The tables stand here, as text, because both sides must have the very same: the server fills them, the phone's ``work.db`` has them too, and one
query reads both. A text that has shipped is never edited: a file of another shape is another :data:`FORMAT` with a text of its own.
"""

from __future__ import annotations

import msgspec

from shared.instrument import serial_key

FORMAT = 1
"""The shape of the file that this code builds and reads; a phone leaves a pack of a higher one alone."""
ABOUT = "CREATE TABLE about (pack BLOB NOT NULL)"
"""One row: :class:`sync.messages.Pack` as JSON. Only a pack has this table."""
STATES = """
    CREATE TABLE state (
        subject TEXT NOT NULL,
        county TEXT NOT NULL,
        own INTEGER NOT NULL,
        subject_type TEXT NOT NULL,
        label TEXT NOT NULL DEFAULT '',
        serial TEXT NOT NULL DEFAULT '',
        premises TEXT NOT NULL DEFAULT '',
        place TEXT NOT NULL DEFAULT '',
        state BLOB NOT NULL,
        UNIQUE (subject, county, own)
    );
    CREATE INDEX state_label ON state (label) WHERE label <> '';
    CREATE INDEX state_serial ON state (serial) WHERE serial <> '';
    CREATE INDEX state_premises ON state (premises) WHERE premises <> '';
    CREATE INDEX state_others ON state (subject_type, county) WHERE subject_type <> 'instrument'
"""
"""``own`` is 0 for what the server says, and 1 for what a phone put on the ledger and the server has not shown yet: never in a pack."""
ALIASES = """
    CREATE TABLE alias (
        subject TEXT NOT NULL,
        county TEXT NOT NULL,
        own INTEGER NOT NULL,
        key TEXT NOT NULL,
        PRIMARY KEY (subject, county, own, key)
    ) WITHOUT ROWID;
    CREATE INDEX alias_key ON alias (key)
"""
"""By which codes of others a row of ``state`` is found."""
INSERT_ALIAS = "INSERT OR IGNORE INTO alias (subject, county, own, key) VALUES (?, ?, ?, ?)"
INSERT = (
    "INSERT OR REPLACE INTO state (subject, county, own, subject_type, label, serial, premises, place, state)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class _Keys(msgspec.Struct):
    """What a state is looked up by; read from the JSON of any kind of subject."""

    label: str = ""
    serial_number: str = ""
    premises_id: str = ""
    stall: str = ""
    name: str = ""
    aliases: list[str] = []


_keys = msgspec.json.Decoder(_Keys)


def rows_of(
    subject: str, county: str, own: int, subject_type: str, state: bytes
) -> tuple[tuple[str | int | bytes, ...], list[tuple[str, str, int, str]]]:
    """The values of :data:`INSERT` for one state, and those of :data:`INSERT_ALIAS`."""
    try:
        keys = _keys.decode(state)
    except msgspec.ValidationError:
        # A newer server's subject, which says something else under these names: kept whole, found by its number alone.
        keys = _Keys()
    row = (
        subject,
        county,
        own,
        subject_type,
        keys.label,
        serial_key(keys.serial_number),
        keys.premises_id,
        keys.stall or keys.name,
        state,
    )
    return row, [(subject, county, own, key) for key in keys.aliases]
