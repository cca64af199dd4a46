"""The tables of the store, the same on SQLite and PostgreSQL.

How they came to be stands in the migrations; a test holds the two together. Tables with small rows
under a natural key have no rowid on SQLite: one tree to write to instead of two.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
)

metadata = MetaData()

# SQLite counts rowids only in a column declared as INTEGER.
_Id = BigInteger().with_variant(Integer(), "sqlite")

evidence = Table(
    "evidence",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=False),
    Column("at", Double, nullable=False),
    Column("claim", Text, nullable=False),
    Column("section", Text, nullable=False),
    Column("check_name", Text, nullable=False),
    Column("location", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("standing", Text, nullable=False),
    Column("drill", SmallInteger, nullable=False),
    Column("proof", LargeBinary, nullable=False),  # canonical JSON, packed with zlib
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index("evidence_of_claim", "claim", "id"),
)

chain = Table(
    "chain",
    metadata,
    Column("only", SmallInteger, primary_key=True, autoincrement=False),  # always 1
    Column("head_id", BigInteger, nullable=False),
    Column("head_hash", LargeBinary, nullable=False),
    Column("pruned_id", BigInteger, nullable=False),
    Column("pruned_hash", LargeBinary, nullable=False),
    Column("pruned_at", Double),
)


def _span_columns() -> list[Column[str] | Column[float] | Column[int]]:
    return [
        Column("status", Text, nullable=False),
        Column("ended", Double, nullable=False),
        Column("runs", BigInteger, nullable=False),
        Column("shortest", Double, nullable=False),
        Column("mean", Double, nullable=False),
        Column("longest", Double, nullable=False),
    ]


spans = Table(
    "spans",
    metadata,
    Column("check_name", Text, primary_key=True),
    Column("location", Text, primary_key=True),
    Column("began", Double, primary_key=True),
    *_span_columns(),
    Index("spans_by_end", "ended"),
    sqlite_with_rowid=False,
)

open_spans = Table(
    "open_spans",
    metadata,
    Column("check_name", Text, primary_key=True),
    Column("location", Text, primary_key=True),
    Column("began", Double, nullable=False),
    *_span_columns(),
    sqlite_with_rowid=False,
)

saved = Table(
    "saved",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("state", LargeBinary, nullable=False),
    Column("shard", SmallInteger, nullable=False, server_default="0"),
    Column("serial", BigInteger, nullable=False, server_default="0"),
    Index("saved_by_serial", "shard", "serial"),
    sqlite_with_rowid=False,
)
