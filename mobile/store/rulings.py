"""Keeping what the server said of a record."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlite_utils import Database

from sync.messages import Ruling


def keep_rulings(database: Database, rulings: Sequence[Ruling]) -> None:
    """Notes rulings inside the caller's transaction; a ``duplicate`` never hides that a person must look.

    Its place on the ledger is taken all the same: an office that was restored has given it another.
    """
    database.conn.executemany(
        "UPDATE record SET offered = 0, sent = 1,"
        " ruling = iif(:status = 'duplicate' AND status = 'conflicting',"
        "  CAST(json_set(CAST(ruling AS TEXT), '$.ledger_seq', :ledger_seq) AS BLOB), :ruling),"
        " status = iif(:status = 'duplicate' AND status = 'conflicting', status, :status) WHERE digest = :digest",
        [
            {
                "status": ruling.status.value,
                "ruling": msgspec.json.encode(ruling),
                "ledger_seq": ruling.ledger_seq,
                "digest": ruling.digest,
            }
            for ruling in rulings
        ],
    )
    unapplied = [(ruling.digest,) for ruling in rulings if not ruling.status.is_stored]
    for table in ("state", "alias"):
        # What the server did not apply is no reason to go on showing it over what the server says; the record itself stays.
        database.conn.executemany(
            f"DELETE FROM {table} WHERE own = 1 AND subject IN (SELECT subject FROM record_subject JOIN record USING (position)"  # noqa: S608
            " WHERE digest = ?) AND subject IN (SELECT subject FROM known WHERE own = 0)",
            unapplied,
        )
