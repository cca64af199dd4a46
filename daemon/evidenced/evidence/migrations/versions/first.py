"""The first tables: the chain of evidence, spans of runs, saved state."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NO_HASH = bytes(32)


def upgrade() -> None:
    """Make the tables, and the row of the chain, which is empty as yet."""
    op.create_table(
        "evidence",
        sa.Column("id", _ID, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Double, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("claim", "section")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("check_name", "location")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("before", "standing")),
        sa.Column("drill", sa.SmallInteger, nullable=False),
        *(
            sa.Column(name, sa.LargeBinary, nullable=False)
            for name in ("proof", "previous", "hash")
        ),
    )
    op.create_index("evidence_of_claim", "evidence", ["claim", "id"])
    chain = op.create_table(
        "chain",
        sa.Column("only", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("head_id", sa.BigInteger, nullable=False),
        sa.Column("head_hash", sa.LargeBinary, nullable=False),
        sa.Column("pruned_id", sa.BigInteger, nullable=False),
        sa.Column("pruned_hash", sa.LargeBinary, nullable=False),
        sa.Column("pruned_at", sa.Double),
    )
    first = {"only": 1, "head_id": 0, "pruned_id": 0, "pruned_at": None}
    op.bulk_insert(chain, [first | {"head_hash": _NO_HASH, "pruned_hash": _NO_HASH}])
    op.create_table(
        "spans",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("check_name", "location")),
        sa.Column("began", sa.Double, primary_key=True),
        *_of_runs(),
        sqlite_with_rowid=False,
    )
    op.create_index("spans_by_end", "spans", ["ended"])
    op.create_table(
        "open_spans",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("check_name", "location")),
        sa.Column("began", sa.Double, nullable=False),
        *_of_runs(),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "saved",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("kind", "name")),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )


def _of_runs() -> list[sa.Column[str] | sa.Column[float] | sa.Column[int]]:
    return [
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("ended", sa.Double, nullable=False),
        sa.Column("runs", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Double, nullable=False) for name in ("shortest", "mean", "longest")),
    ]
