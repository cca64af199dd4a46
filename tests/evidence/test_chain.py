"""Any change, drop or swap in a chain is found, and nothing is found in a sound one."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidenced.evidence.canonical import canonical
from evidenced.evidence.chain import Flaw, Problem, digest, seal, verify
from evidenced.evidence.records import Anchor, Evidence, Head

PROOFS = st.dictionaries(st.text(max_size=5), st.floats() | st.text(max_size=5), max_size=3)
TEXT = st.text(max_size=6)
TEXTS = ("claim", "section", "check", "location", "before", "standing")


@st.composite
def chains(draw: st.DrawFn, least: int = 1) -> tuple[list[Evidence], Anchor, Head]:
    """A sound chain, also one that was pruned before."""
    pruned = draw(st.integers(0, 3))
    head = Head(pruned, f"{pruned:064x}")
    anchor = Anchor(head.id, head.hash, 1.0)
    records = []
    for number in range(draw(st.integers(least, 8))):
        record = Evidence(
            at=float(number),
            claim=draw(TEXT),
            section=draw(TEXT),
            check=draw(TEXT),
            before=draw(TEXT),
            standing=draw(TEXT),
            location=draw(TEXT),
            proof=draw(PROOFS),
            drill=draw(st.booleans()),
        )
        records.append(seal(record, head))
        head = Head(records[-1].id, records[-1].hash)
    return records, anchor, head


@given(chains())
def test_a_sound_chain_has_no_problem(chain: tuple[list[Evidence], Anchor, Head]) -> None:
    records, anchor, head = chain
    assert verify(records, head, anchor) == []


@given(chains(), st.data())
def test_any_change_of_one_field_is_found(
    chain: tuple[list[Evidence], Anchor, Head], data: st.DataObject
) -> None:
    records, anchor, head = chain
    place = data.draw(st.integers(0, len(records) - 1))
    record = records[place]
    name = data.draw(st.sampled_from([*TEXTS, "at", "drill", "proof", "previous", "hash", "id"]))
    old = getattr(record, name)
    if name in TEXTS:
        new: object = data.draw(st.text(max_size=6).filter(lambda text: text != old))
    elif name == "proof":
        new = data.draw(PROOFS.filter(lambda proof: canonical(proof) != canonical(old)))
    elif name in {"previous", "hash"}:
        digit = data.draw(st.integers(0, 63))
        new = old[:digit] + ("0" if old[digit] != "0" else "1") + old[digit + 1 :]
    else:
        new = not old if name == "drill" else old + data.draw(st.integers(1, 9))
    change: dict[str, Any] = {name: new}
    records[place] = replace(record, **change)
    assert verify(records, head, anchor) != []


@given(chains(), st.data())
def test_any_drop_is_found(chain: tuple[list[Evidence], Anchor, Head], data: st.DataObject) -> None:
    records, anchor, head = chain
    first = data.draw(st.integers(0, len(records) - 1))
    last = data.draw(st.integers(first, len(records) - 1))
    left = records[:first] + records[last + 1 :]
    (problem,) = verify(left, head, anchor)
    assert problem.flaw is Flaw.DROPPED
    assert f"{records[first].id}" in problem.detail


@given(chains(least=2), st.data())
def test_any_swap_is_found(chain: tuple[list[Evidence], Anchor, Head], data: st.DataObject) -> None:
    records, anchor, head = chain
    first = data.draw(st.integers(0, len(records) - 2))
    second = data.draw(st.integers(first + 1, len(records) - 1))
    records[first], records[second] = records[second], records[first]
    flaws = {problem.flaw for problem in verify(records, head, anchor)}
    assert Flaw.REORDERED in flaws


@given(chains(), st.data())
def test_any_change_of_one_byte_is_found(
    chain: tuple[list[Evidence], Anchor, Head], data: st.DataObject
) -> None:
    records, _, _ = chain
    record = data.draw(st.sampled_from(records))
    text = bytearray(canonical(record.proof))
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] ^= data.draw(st.integers(1, 255))
    assert digest(record, bytes(text)) != record.hash


def test_records_exchanged_with_their_ids_are_found(
    make_evidence: Callable[..., Evidence],
) -> None:
    one = seal(make_evidence(1), Head())
    two = seal(make_evidence(2), Head(1, one.hash))
    other = seal(make_evidence(3), Head(1, "f" * 64))
    assert verify([one, two, replace(other, id=3)])[0].flaw is Flaw.CHANGED
    assert verify([one, other]) == [
        Problem(Flaw.DETACHED, 2, "it does not carry the hash of record 1")
    ]


def test_a_head_that_is_another_is_found(make_evidence: Callable[..., Evidence]) -> None:
    one = seal(make_evidence(1), Head())
    (problem,) = verify([one], Head(1, "a" * 64))
    assert str(problem) == (
        "record 1: detached: the head names record 1 with another hash as the newest"
    )


@pytest.mark.parametrize("pruned", [0, 3])
def test_the_form_of_the_hash_is_fixed(make_evidence: Callable[..., Evidence], pruned: int) -> None:
    record = seal(make_evidence(7), Head(pruned, "ab" * 32))
    text = (
        '{"at":7,"before":"verified","check":"oven","claim":"ovens-report","drill":false,'
        f'"id":{pruned + 1},"location":"fra1","previous":"{"ab" * 32}",'
        '"proof":{"number":7,"status":503},"section":"stable","standing":"contradicted"}'
    )
    assert record.hash == hashlib.sha256(text.encode()).hexdigest()
