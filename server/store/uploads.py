"""Reading and writing what is known of files: uploads under way, and files that are whole."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, bindparam, delete, func, select, update

from server.store.records import Row, upsert
from server.store.tables import attachment, intake, ledger, record_identity, upload

_WHOLE = select(attachment).where(attachment.c.digest == bindparam("digest"))
_MINE = (upload.c.device == bindparam("of_device")) & (upload.c.digest == bindparam("of_digest"))
_UNDER_WAY = select(upload).where(_MINE)
_ALL_UNDER_WAY = select(upload)
_REACHED = update(upload).where(_MINE)
_END = delete(upload).where(_MINE)
_ANNOUNCED = select(func.sum(upload.c.size)).where(
    upload.c.expires_at > bindparam("now"), upload.c.digest != bindparam("without")
)
_FILED = select(func.sum(attachment.c.size)).where(attachment.c.digest != bindparam("without"))
_BY_DEVICE = (
    _FILED.where(attachment.c.device == bindparam("device"), attachment.c.created_at >= bindparam("since")),
    _ANNOUNCED.where(upload.c.device == bindparam("device")),
)
_BY_COUNTY = (
    _FILED.where(attachment.c.county == bindparam("county")),
    _ANNOUNCED.where(upload.c.county == bindparam("county")),
)
_BODIES = (
    select(ledger.c.county, ledger.c.device, ledger.c.body)
    .join(
        record_identity,
        (record_identity.c.county == ledger.c.county) & (record_identity.c.seq == ledger.c.seq),
    )
    .where(record_identity.c.record_id == bindparam("record_id")),
    select(intake.c.county, intake.c.device, intake.c.body).where(
        intake.c.record_id == bindparam("record_id")
    ),
)


def whole(connection: Connection, digest: str) -> RowMapping | None:
    """A file that is whole."""
    return connection.execute(_WHOLE, {"digest": digest}).mappings().first()


def add_whole(connection: Connection, row: Row) -> None:
    upsert(connection, attachment, [row])


def under_way(connection: Connection, device: str, digest: str) -> RowMapping | None:
    """A device's own upload of a file."""
    return connection.execute(_UNDER_WAY, {"of_device": device, "of_digest": digest}).mappings().first()


def all_under_way(connection: Connection) -> list[RowMapping]:
    """Every upload, expired ones too."""
    return list(connection.execute(_ALL_UNDER_WAY).mappings())


def begin(connection: Connection, row: Row) -> None:
    """Notes an upload, in place of an earlier one of the same file by the same device."""
    upsert(connection, upload, [row])


def reached(connection: Connection, device: str, digest: str, arrived: int, expires_at: str) -> None:
    """Notes how many bytes are on the disk."""
    now = {"arrived": arrived, "expires_at": expires_at}
    connection.execute(_REACHED, {"of_device": device, "of_digest": digest, **now})


def end(connection: Connection, device: str, digest: str) -> None:
    """Forgets an upload."""
    connection.execute(_END, {"of_device": device, "of_digest": digest})


def used_by_device(connection: Connection, device: str, since: str, now: str, without: str) -> int:
    """Bytes that a device has filed since a moment or has announced, but for the file ``without``."""
    about = {"device": device, "since": since, "now": now, "without": without}
    return sum(connection.execute(each, about).scalar() or 0 for each in _BY_DEVICE)


def used_by_county(connection: Connection, county: str, now: str, without: str) -> int:
    """Bytes of a county's files and of those announced for it, but for the file ``without``."""
    about = {"county": county, "now": now, "without": without}
    return sum(connection.execute(each, about).scalar() or 0 for each in _BY_COUNTY)


def bodies(connection: Connection, record_id: str) -> list[tuple[str, str, bytes]]:
    """County, device and bytes of everything that came under a record's id: on the ledger, held or refused."""
    return [
        (row.county, row.device, row.body)
        for each in _BODIES
        for row in connection.execute(each, {"record_id": record_id})
    ]
