"""What is written into the ledger of what the store has."""

from collections.abc import Mapping

import pytest

from evidenced.evidence.records import JSON, Evidence
from evidenced.ledger.edit_document import EditError
from evidenced.ledger.model import Item, PullRequest, Section
from evidenced.workflow.edits import EXCERPT, closing_evidence, excerpt


def record(proof: Mapping[str, JSON]) -> Evidence:
    return Evidence(
        at=0, claim="c", section="closed", check="k", before="b", standing="s", proof=proof
    )


@pytest.mark.parametrize(
    ("proof", "text"),
    [
        ({}, ""),
        ({"attempts": []}, ""),
        ({"attempts": ["odd"]}, ""),
        ({"attempts": [{"failure": None}]}, ""),
        ({"attempts": [{"failure": {"reason": "dns", "detail": "a\n\x1bb"}}]}, "dns: a \ufffdb"),
        (
            {"attempts": [{}, {"failure": {"reason": "body", "detail": "x" * 500}}]},
            f"body: {'x' * (EXCERPT - 7)}…",
        ),
    ],
)
def test_an_excerpt_is_short_and_on_one_line(proof: Mapping[str, JSON], text: str) -> None:
    assert excerpt(record(proof)) == text


def item(*references: PullRequest) -> Item:
    return Item("c", Section.STABLE, "C", "text", 1, references=references)


def test_what_is_given_is_one_sentence() -> None:
    assert closing_evidence(item(), None, " PR #7\nmerged ") == "Evidence: PR #7 merged."


def test_what_an_item_cites_is_enough() -> None:
    assert closing_evidence(item(PullRequest("7")), None, None) == ""
    with pytest.raises(EditError, match="nothing proves 'c': no record is kept"):
        closing_evidence(item(), None, None)
