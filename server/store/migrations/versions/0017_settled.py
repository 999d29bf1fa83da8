"""Of which record a later ruling is"""

from __future__ import annotations

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

ROWS = 2000
RULING = sa.table(
    "later_ruling",
    sa.column("number", sa.Integer),
    sa.column("record_id", sa.String),
    sa.column("ruling", sa.LargeBinary),
)


def upgrade() -> None:
    op.add_column("later_ruling", sa.Column("record_id", sa.String(36), nullable=False, server_default=""))
    fill(op.get_bind())
    op.create_index("later_ruling_record", "later_ruling", ["record_id"])


def fill(connection: sa.Connection) -> None:
    """Reads out of the rulings that there are, as they were at this revision, of which record each is."""
    after = 0
    while rows := connection.execute(
        sa.select(RULING).where(RULING.c.number > after).order_by(RULING.c.number).limit(ROWS)
    ).all():
        after = rows[-1].number
        for row in rows:
            record_id = msgspec.msgpack.decode(row.ruling)["record_id"]
            here = sa.update(RULING).where(RULING.c.number == row.number)
            connection.execute(here.values(record_id=record_id))


def downgrade() -> None:
    op.drop_index("later_ruling_record", "later_ruling")
    op.drop_column("later_ruling", "record_id")
