"""Which of several daemons saved a state, and in which order: what the others then read of it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns; all that is there counts as saved by the first."""
    op.add_column("saved", sa.Column("shard", sa.SmallInteger, nullable=False, server_default="0"))
    op.add_column("saved", sa.Column("serial", sa.BigInteger, nullable=False, server_default="0"))
    op.create_index("saved_by_serial", "saved", ["shard", "serial"])
