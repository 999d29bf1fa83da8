"""Reading and writing what is known of files: uploads under way, and files that are whole."""

from __future__ import annotations

from sqlalchemy import Connection, RowMapping, delete, func, select, update

from server.store.records import Row, upsert
from server.store.tables import attachment, intake, ledger, record_identity, upload


def whole(connection: Connection, digest: str) -> RowMapping | None:
    """A file that is whole."""
    return connection.execute(select(attachment).where(attachment.c.digest == digest)).mappings().first()


def add_whole(connection: Connection, row: Row) -> None:
    upsert(connection, attachment, [row])


def under_way(connection: Connection, device: str, digest: str) -> RowMapping | None:
    """A device's own upload of a file."""
    found = select(upload).where(upload.c.device == device, upload.c.digest == digest)
    return connection.execute(found).mappings().first()


def all_under_way(connection: Connection) -> list[RowMapping]:
    """Every upload, expired ones too."""
    return list(connection.execute(select(upload)).mappings())


def begin(connection: Connection, row: Row) -> None:
    """Notes an upload, in place of an earlier one of the same file by the same device."""
    upsert(connection, upload, [row])


def reached(connection: Connection, device: str, digest: str, arrived: int, expires_at: str) -> None:
    """Notes how many bytes are on the disk."""
    mine = (upload.c.device == device) & (upload.c.digest == digest)
    connection.execute(update(upload).where(mine).values(arrived=arrived, expires_at=expires_at))


def end(connection: Connection, device: str, digest: str) -> None:
    """Forgets an upload."""
    connection.execute(delete(upload).where(upload.c.device == device, upload.c.digest == digest))


def used_by_device(connection: Connection, device: str, since: str, now: str, without: str) -> int:
    """Bytes that a device has filed since a moment or has announced, but for the file ``without``."""
    filed = select(func.sum(attachment.c.size)).where(
        attachment.c.device == device, attachment.c.created_at >= since, attachment.c.digest != without
    )
    announced = select(func.sum(upload.c.size)).where(
        upload.c.device == device, upload.c.expires_at > now, upload.c.digest != without
    )
    return sum(connection.execute(each).scalar() or 0 for each in (filed, announced))


def used_by_county(connection: Connection, county: str, now: str, without: str) -> int:
    """Bytes of a county's files and of those announced for it, but for the file ``without``."""
    filed = select(func.sum(attachment.c.size)).where(
        attachment.c.county == county, attachment.c.digest != without
    )
    announced = select(func.sum(upload.c.size)).where(
        upload.c.county == county, upload.c.expires_at > now, upload.c.digest != without
    )
    return sum(connection.execute(each).scalar() or 0 for each in (filed, announced))


def bodies(connection: Connection, record_id: str) -> list[tuple[str, str, bytes]]:
    """County, device and bytes of everything that came under a record's id: on the ledger, held or refused."""
    place = (record_identity.c.county == ledger.c.county) & (record_identity.c.seq == ledger.c.seq)
    on_ledger = (
        select(ledger.c.county, ledger.c.device, ledger.c.body)
        .join(record_identity, place)
        .where(record_identity.c.record_id == record_id)
    )
    aside = select(intake.c.county, intake.c.device, intake.c.body).where(intake.c.record_id == record_id)
    return [
        (row.county, row.device, row.body) for each in (on_ledger, aside) for row in connection.execute(each)
    ]
