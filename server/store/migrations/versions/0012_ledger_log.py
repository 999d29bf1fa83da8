"""The Merkle log over the ledger"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "ledger_tree",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("county"),
    )
    op.create_table(
        "ledger_node",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("county", "height", "number"),
    )
    op.create_table(
        "ledger_head",
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("generation", sa.String(length=36), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("server_time", sa.String(length=32), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("county", "generation", "size"),
    )
    op.create_index("ledger_head_newest", "ledger_head", ["county", "size"])


def downgrade() -> None:
    op.drop_index("ledger_head_newest", "ledger_head")
    op.drop_table("ledger_head")
    op.drop_table("ledger_node")
    op.drop_table("ledger_tree")
