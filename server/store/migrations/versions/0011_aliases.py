"""Which instruments the codes of others stand for"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "alias_index",
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("instrument_id", sa.String(length=36), nullable=False),
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.PrimaryKeyConstraint("key", "instrument_id"),
    )


def downgrade() -> None:
    op.drop_table("alias_index")
