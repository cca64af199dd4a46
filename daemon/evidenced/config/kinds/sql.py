"""The settings of kind `sql`."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from evidenced.config.base import Section
from evidenced.config.condition import Condition
from evidenced.config.expect import Count
from evidenced.config.files import FilePath, absolute, secret_beside
from evidenced.config.kinds.base import KindSettings
from evidenced.config.types import PositiveDuration, Secret

DIALECTS = ("sqlite", "postgresql")
"""The databases that can be asked, by the scheme of their addresses."""

_EXPECTED = "expected an address such as sqlite:///shop.db or postgresql://user:password@host/name"


def _one_statement(query: str) -> str:
    """One statement of SQL, without the semicolon that may end it; ValueError for more or none."""
    bare = query.rstrip().rstrip(";").rstrip()
    if not bare:
        raise ValueError("expected a query")
    at = 0
    while at < len(bare):
        if bare[at] in "'\"`":
            # A quote that is doubled inside closes and opens again, which comes to the same.
            end = bare.find(bare[at], at + 1)
            if end < 0:
                raise ValueError(f"expected a query: found {bare[at]} that is not closed")
            at = end
        elif bare.startswith("--", at):
            at = bare.find("\n", at) if "\n" in bare[at:] else len(bare)
        elif bare.startswith("/*", at):
            at = max(bare.find("*/", at + 2), at) + 1
        elif bare[at] == ";":
            raise ValueError("expected one statement, found another after its ;")
        at += 1
    return bare


class SqlExpect(Section):
    """Assertions on what a query gives."""

    value: Condition | None = Field(
        default=None,
        description="Conditions on the first column of the first row; without a row there is no "
        "value. What is neither number, text nor null is judged as the text of it.",
    )
    rows: Count | None = Field(default=None, description="How many rows there must be.")
    latency: PositiveDuration | None = Field(
        default=None, description="The longest that the whole attempt may take."
    )


class SqlSettings(KindSettings):
    """A query to a database, and what it must give.

    It only reads: SQLite's file is opened for reading and never made, another database is asked in
    a transaction that may only read, and every transaction is rolled back.
    """

    url_file: FilePath | None = Field(
        default=None, description="A file with the address of the database in it."
    )
    url: Secret | None = Field(
        default=None,
        validate_default=True,
        description="The address of the database, never shown: `sqlite:///shop.db` (from the "
        "folder of the configuration), `sqlite:////var/lib/shop.db`, or "
        "`postgresql://user:password@host/name`, for which the Python package psycopg must be "
        "installed.",
    )
    query: Annotated[str, AfterValidator(_one_statement)] = Field(
        repr=False, description="The query: one statement of SQL."
    )
    expect: SqlExpect = Field(
        default=SqlExpect(),
        description="What the query must give; where nothing is said, it must be answered.",
    )

    @field_validator("url")
    @classmethod
    def _or_from_a_file(cls, value: Secret | None, info: ValidationInfo) -> Secret | None:
        found = secret_beside(value, info)
        return None if found is None else Secret(_address(found.reveal(), info))

    @model_validator(mode="after")
    def _an_address(self) -> Self:
        if self.url is None:
            raise ValueError("expected url or url_file")
        return self

    @property
    def target(self) -> str:
        """The database as dialect://host/name, without user, password and options."""
        from sqlalchemy.engine import make_url

        url = make_url(self.url.reveal() if self.url else "")
        if url.host and ":" in url.host:
            url = url.set(host=f"[{url.host}]")
        port = f":{url.port}" if url.port else ""
        return f"{url.drivername}://{url.host or ''}{port}/{url.database or ''}"


def _address(text: str, info: ValidationInfo) -> str:
    """The address, with the path of a SQLite file from the configuration's folder."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError(_EXPECTED) from None
    if url.drivername not in DIALECTS:
        raise ValueError(f"{_EXPECTED}: its scheme one of {', '.join(DIALECTS)}")
    if not url.database or url.database == ":memory:":
        raise ValueError(f"{_EXPECTED}, found none of a database that is kept")
    if url.drivername == "sqlite":
        if url.host or url.query:
            raise ValueError("expected sqlite:/// and the path of a file, nothing more")
        url = url.set(database=str(absolute(Path(url.database), info)))
    return url.render_as_string(hide_password=False)
