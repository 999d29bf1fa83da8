"""Uploads apart from the files that are whole"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("device", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("arrived", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("record_id", sa.String(length=36), nullable=False),
        sa.Column("county", sa.String(length=6), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("device", "digest"),
    )
    # What had not come whole begins anew; its phone still has it.
    op.execute(sa.text("DELETE FROM attachment WHERE NOT complete"))
    with op.batch_alter_table("attachment") as table:
        table.drop_column("complete")
        table.add_column(sa.Column("county", sa.String(length=6), nullable=False, server_default=""))
        table.add_column(sa.Column("said", sa.Text(), nullable=False, server_default=""))
        table.create_index("attachment_county", ["county", "size"])
        table.create_index("attachment_device", ["device", "created_at", "size"])
    op.execute(
        sa.text(
            "UPDATE attachment SET county = coalesce("
            "(SELECT county FROM record_identity WHERE record_identity.record_id = attachment.record_id), '')"
        )
    )


def downgrade() -> None:
    with op.batch_alter_table("attachment") as table:
        table.drop_index("attachment_device")
        table.drop_index("attachment_county")
        table.drop_column("said")
        table.drop_column("county")
        table.add_column(sa.Column("complete", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.drop_table("upload")
