"""What the office must decide: disputed states, and instruments that were registered twice"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0013"

ROWS = 2000
INSTRUMENT = sa.table(
    "instrument_index",
    sa.column("instrument_id", sa.String),
    sa.column("kind", sa.String),
    sa.column("serial_key", sa.String),
    sa.column("twin_key", sa.String),
)
STATE = sa.table(
    "state",
    sa.column("county", sa.String),
    sa.column("subject", sa.String),
    sa.column("subject_type", sa.String),
    sa.column("state", sa.LargeBinary),
    sa.column("disputed", sa.Boolean),
)


def upgrade() -> None:
    op.add_column("state", sa.Column("disputed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column(
        "instrument_index", sa.Column("twin_key", sa.String(192), nullable=False, server_default="")
    )
    fill(op.get_bind())
    where = sa.text("disputed")
    op.create_index("state_disputed", "state", ["county"], sqlite_where=where, postgresql_where=where)
    op.create_index("instrument_twin", "instrument_index", ["twin_key"])


def fill(connection: sa.Connection) -> None:
    """Works the new columns out of the states that there are, as they were at this revision."""
    kinds = {
        row.instrument_id: (row.kind, row.serial_key) for row in connection.execute(sa.select(INSTRUMENT))
    }
    after = ""
    while rows := connection.execute(
        sa.select(STATE)
        .where(STATE.c.subject > after, STATE.c.state.is_not(None))
        .where(STATE.c.subject_type.in_(["instrument", "lot"]))
        .order_by(STATE.c.subject)
        .limit(ROWS)
    ).all():
        after = rows[-1].subject
        for row in rows:
            state = json.loads(row.state)
            if state.get("attention") == "recheck" or state.get("disputed"):
                here = (STATE.c.county == row.county, STATE.c.subject == row.subject)
                connection.execute(sa.update(STATE).where(*here).values(disputed=True))
            kind, serial = kinds.get(row.subject, ("", ""))
            if serial:
                maker = "".join(each for each in state.get("manufacturer", "").upper() if each.isalnum())[:64]
                twins = sa.update(INSTRUMENT).where(INSTRUMENT.c.instrument_id == row.subject)
                connection.execute(twins.values(twin_key=f"{kind} {maker} {serial}"))


def downgrade() -> None:
    op.drop_index("instrument_twin", "instrument_index")
    op.drop_index("state_disputed", "state")
    op.drop_column("instrument_index", "twin_key")
    op.drop_column("state", "disputed")
