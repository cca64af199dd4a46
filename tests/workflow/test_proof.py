import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from evidenced.evidence.records import Evidence, Head, Span
from evidenced.ledger.model import Item
from evidenced.watch.plan import Check
from evidenced.workflow.proof import Claimed, Kept, Proof, make_proof
from evidenced.workflow.proof_text import proof_json, proof_markdown

HOSTILE = "```\n</code><script>alert(1)</script>\n~~~~\n| a | ![x](http://evil.example) `"
DAY = 86_400.0
CHANGES = (
    ("2026-03-01T08:00:00", "verified"),
    ("2026-03-05T08:00:00", "contradicted"),
    ("2026-03-05T09:00:00", "verified"),
    ("2026-03-09T08:00:00", "contradicted"),
)
Build = Callable[..., Proof]


@pytest.fixture
def build(
    make_item: Callable[..., Item],
    make_check: Callable[..., Check],
    chained: Callable[..., tuple[Evidence, ...]],
    at: Callable[[str], float],
) -> Build:
    def make(
        changes: tuple[tuple[str, str], ...] = CHANGES,
        since: str = "2026-03-02T00:00:00",
        spoil: int = 0,
        said: str = "< HTTP/1.1 500 Oops",
        spans: tuple[Span, ...] = (),
    ) -> Proof:
        judged = {"name": "status", "met": False, "expected": "status 200", "found": said}
        failure = {"reason": "status", "expectation": "status", "detail": said}
        proof = {
            "exchange": ["> GET /ovens HTTP/1.1", said],
            "attempts": [{"expectations": [judged], "failure": failure}],
        }
        records = [
            replace(one, standing="verified" if one.id == spoil else one.standing)
            for one in chained(*changes, proof=proof)
        ]
        return make_proof(
            Claimed(
                make_item("2026-03-04"), Path("STATE.md"), Path("/srv/bakery"), ("docs/gone.md",)
            ),
            [make_check(url="https://bakery.example/ovens?key=oven-secret")],
            Kept(tuple(reversed(records)), {"ovens": spans}, Head(9, "ab" * 32)),
            since=at(since),
            now=at("2026-03-10T00:00:00"),
        )

    return make


def test_the_pack_has_what_was_since_and_the_last_verification_of_any_age(build: Build) -> None:
    proof = build(since="2026-03-09T00:00:00")
    assert [record.id for record in proof.timeline] == [4]
    assert [record.id for record in proof.contradictions] == [4]
    assert proof.last_verified is not None
    assert proof.last_verified.id == 3
    assert proof.newest is not None
    assert proof.newest.standing == "contradicted"


def test_contradictions_come_newest_first_and_the_timeline_oldest_first(build: Build) -> None:
    proof = build()
    assert [record.id for record in proof.timeline] == [2, 3, 4]
    assert [record.id for record in proof.contradictions] == [4, 2]
    assert proof.reopenable is not None
    assert proof.reopenable.id == 4


def test_a_record_that_was_changed_proves_nothing_and_is_named(build: Build) -> None:
    proof = build(spoil=4)
    assert proof.damaged == (4,)
    assert [record.id for record in proof.timeline] == [2, 3]
    assert proof.reopenable is not None
    assert proof.reopenable.id == 2
    assert "prove nothing: 4" in proof_markdown(proof)


def test_documents_are_there_or_missing(build: Build) -> None:
    proof = build()
    assert [(one.reference.kind, one.there) for one in proof.references] == [
        ("document", True),
        ("document", False),
        ("pull_request", None),
    ]
    text = proof_markdown(proof)
    assert "`docs/gone.md`: **not in the repository**" in text
    assert "`docs/ovens.md`: in the repository" in text
    assert proof_json(proof)["references"][1]["exists"] is False


def test_uptime_by_period(build: Build, at: Callable[[str], float]) -> None:
    def span(status: str, start: str, end: str, location: str = "") -> Span:
        times = {"start": at(start), "end": at(end)}
        lengths = {"shortest": 0.1, "mean": 0.1, "longest": 0.1}
        return Span(check="ovens", status=status, count=9, location=location, **times, **lengths)

    proof = build(
        spans=(
            span("success", "2026-03-08T00:00:00", "2026-03-09T18:00:00"),
            span("failure", "2026-03-09T18:00:00", "2026-03-09T23:00:00"),
            span("failure", "2026-03-01T00:00:00", "2026-03-10T00:00:00", location="elsewhere"),
        )
    )
    (check,) = proof_json(proof)["checks"]
    day = check["uptime"]["24h"]
    assert (day["up"], day["down"], day["unseen"]) == (18 * 3600, 5 * 3600, 3600)
    assert list(check["uptime"]) == ["24h", "7d", "30d"]
    text = proof_markdown(proof)
    assert "| 24h | 78.26 % | 4.17 % |" in text
    assert "| 7d | 89.36 % | 72.02 % |" in text


def test_what_was_never_seen_is_no_uptime(build: Build) -> None:
    assert "| 24h | – | 100.00 % |" in proof_markdown(build())


def test_nearly_all_is_never_all(build: Build, at: Callable[[str], float]) -> None:
    end = at("2026-03-10T00:00:00")
    lengths: dict[str, Any] = {"shortest": 0.1, "mean": 0.1, "longest": 0.1}
    spans = (
        Span(
            check="ovens", status="failure", start=end - DAY, end=end - DAY + 1, count=1, **lengths
        ),
        Span(check="ovens", status="success", start=end - DAY + 1, end=end, count=9, **lengths),
    )
    assert "| 24h | 99.99 % | 0.00 % |" in proof_markdown(build(spans=spans))


def test_markdown_and_json_say_what_was_asked_and_what_came_back(build: Build) -> None:
    proof = build()
    text, form = proof_markdown(proof), proof_json(proof)
    for record in proof.contradictions:
        assert record.hash in text
        assert f"### Record {record.id}, " in text
    assert text.count("> GET /ovens HTTP/1.1\n< HTTP/1.1 500 Oops") == 3
    assert "not met status: expected status 200, found < HTTP/1.1 500 Oops" in text
    assert "Reopenable: **yes**, record 4" in text
    assert "curl " in text
    assert [one["id"] for one in form["contradictions"]] == [4, 2]
    assert form["contradictions"][0]["proof"]["exchange"][1] == "< HTTP/1.1 500 Oops"
    assert form["contradictions"][0]["previous"] == form["last_verified"]["hash"]
    assert form["chain"] == {"head": 9, "hash": "ab" * 32}
    assert form["reopenable"] == 4
    assert "oven-secret" not in text + json.dumps(form)
    assert json.loads(json.dumps(form)) == form


def test_without_records_it_says_so(build: Build) -> None:
    proof = build(changes=())
    text, form = proof_markdown(proof), proof_json(proof)
    assert proof.newest is None
    assert form["standing"] is None
    assert "No record of one is kept." in text
    assert "## Contradictions (0)\n\nNone in this time." in text


def _tokens(text: str) -> list[Any]:
    return MarkdownIt("commonmark").enable("table").parse(text)


def test_nothing_probed_is_markup(build: Build) -> None:
    text = proof_markdown(build(said=HOSTILE))
    tokens = _tokens(text)
    tame = _tokens(proof_markdown(build()))
    children = [child.type for token in tokens for child in token.children or ()]
    assert "<script>" in text
    assert {"html_block"}.isdisjoint(token.type for token in tokens)
    assert {"html_inline", "image", "link_open"}.isdisjoint(children)
    assert [token.type for token in tokens] == [token.type for token in tame]


def test_what_is_no_proof_of_ours_is_shown_as_it_is(build: Build) -> None:
    proof = build()
    strange: Any = {"exchange": "no list", "attempts": [3], "unreadable": True}
    odd = replace(proof.contradictions[0], proof=strange)
    text = proof_markdown(replace(proof, contradictions=(odd,)))
    assert '"exchange": "no list"' in text
