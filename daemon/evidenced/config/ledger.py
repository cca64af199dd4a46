"""Where the ledger is, and what is made of it."""

from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field

from evidenced.config.base import Section
from evidenced.config.files import FilePath
from evidenced.config.http import Origin
from evidenced.config.suggest import suggestion
from evidenced.config.types import Size, Whole

LintRule = Literal[
    "wip-limit",
    "next-limit",
    "next-without-done-when",
    "closed-without-date",
    "closed-date-invalid",
    "closed-without-evidence",
    "stable-without-check",
    "document-missing",
    "duplicate-section",
    "unknown-section",
    "misplaced-section",
    "date-in-future",
    "updated-invalid",
    "updated-older-than-items",
    "duplicate-id",
    "misplaced-id",
    "claim-renamed",
    "layout-drift",
    "mojibake",
    "not-utf8",
    "size",
]
"""The rules of a ledger by id; what each asks for stands in docs/lint.md."""


def _known(rule: object) -> object:
    if isinstance(rule, str) and rule not in get_args(LintRule):
        raise ValueError(suggestion(rule, get_args(LintRule)))
    return rule


class LedgerLimits(Section):
    """How much a ledger may hold before lint says so."""

    in_progress: Whole = Field(
        default=1, ge=0, le=1000, description="The most items in progress (rule `wip-limit`)."
    )
    next: Whole = Field(
        default=3, ge=0, le=1000, description="The most items of NEXT (rule `next-limit`)."
    )
    lines: Whole = Field(
        default=400, ge=1, le=1_000_000, description="The most lines of the file (rule `size`)."
    )
    size: Size = Field(default=128 * 1024, description="The most bytes of the file (rule `size`).")


class LedgerSettings(Section):
    """Where the ledger is and how checks are made of its sentences."""

    path: FilePath = Field(description="The Markdown file in which the claims stand.")
    layout: Literal["sections", "journal"] = Field(
        default="sections",
        description="How the file is laid out: `sections` (CLOSED, STABLE, …), or `journal`: dated "
        "passes such as `## 2026-02-21 — Title` with a `**Status**`.",
    )
    next_path: FilePath | None = Field(
        default=None,
        description="A Markdown file that has the NEXT items in place of the ledger, below a "
        "heading NEXT; nothing else of it is read.",
    )
    repository: FilePath = Field(
        default=Path(),
        validate_default=True,
        description="The folder in which the documents that the ledger cites are looked up.",
    )
    base_url: Origin | None = Field(
        default=None,
        repr=False,
        description="The site that paths in the ledger and in checks belong to.",
    )
    derive: bool = Field(
        default=False,
        description='Whether STABLE sentences such as "/cart returns 200" become checks; needs '
        "`base_url`.",
    )
    lint: dict[Annotated[LintRule, BeforeValidator(_known)], Literal["off", "warning", "error"]] = (
        Field(
            default={},
            description="How much it matters that a rule of the ledger is broken, by its id: "
            "`off`, `warning` or `error`; the others are as docs/lint.md has them.",
        )
    )
    limits: LedgerLimits = Field(
        default=LedgerLimits(), description="How much the ledger may hold."
    )
