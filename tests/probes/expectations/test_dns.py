import pytest

from evidenced.config.kinds.dns import DnsExpect
from evidenced.probes.attempt import DETAIL_LIMIT
from evidenced.probes.expectations.dns import DnsAnswer, Record, judge_dns


def address(data: str) -> Record:
    return Record(f"bakery.example. 300 IN A {data}", data)


TWO = (address("192.0.2.1"), address("192.0.2.22"))
TEXT = (Record('bakery.example. 60 IN TXT "v=spf1 -all"', '"v=spf1 -all"'),)


@pytest.mark.parametrize(
    ("records", "condition", "met"),
    [
        pytest.param(TWO, {"contains": "192.0.2.1"}, True, id="one contains it"),
        pytest.param(TWO, {"contains": "192.0.2.2"}, False, id="not as part of a longer address"),
        pytest.param(TWO, {"contains": ["192.0.2.1", "192.0.2.22"]}, True, id="each in one"),
        pytest.param(TWO, {"contains": "bakery.example"}, True, id="in the name"),
        pytest.param(TWO, {"not_contains": "192.0.2.2"}, True, id="none contains it"),
        pytest.param(TWO, {"not_contains": "192.0.2.22"}, False, id="one does"),
        pytest.param(TWO, ["192.0.2.22", "192.0.2.1"], True, id="just these, in any order"),
        pytest.param(TWO, ["192.0.2.1"], False, id="these and another"),
        pytest.param(TWO, "192.0.2.1", False, id="just one, found two"),
        pytest.param(TWO[:1], "192.0.2.1", True, id="just one"),
        pytest.param(TWO, {"ne": "192.0.2.1"}, True, id="not just this one"),
        pytest.param(TWO[:1], {"ne": "192.0.2.1"}, False, id="just this one"),
        pytest.param(TWO, {"matches": "^bakery[.]example[.] 300 IN A "}, True, id="pattern"),
        pytest.param(TWO, {"matches": ["[.]1$", "[.]22$"]}, True, id="each pattern in one"),
        pytest.param(TWO, {"matches": "AAAA"}, False, id="no match"),
        pytest.param(TWO, {"not_matches": "[.]22$"}, False, id="one matches what none may"),
        pytest.param(TWO, {"not_matches": "AAAA"}, True, id="none matches"),
        pytest.param((), {"matches": "."}, False, id="nothing matches in nothing"),
        pytest.param((), {"not_matches": "."}, True, id="nothing is wrong with nothing"),
        pytest.param((), {"exists": False}, True, id="none, as expected"),
        pytest.param((), {"exists": True}, False, id="none, but expected"),
        pytest.param((), {"empty": True}, True, id="empty"),
        pytest.param(TWO, {"empty": True}, False, id="not empty"),
        pytest.param(TWO, {"length": 2}, True, id="two of them"),
        pytest.param(TWO, {"length": {"gt": 2}}, False, id="not more than two"),
        pytest.param(TEXT, {"contains": "v=spf1"}, True, id="in quotes"),
    ],
)
def test_records(records: tuple[Record, ...], condition: object, met: bool) -> None:
    for section in ("answers", "authority", "additional"):
        expect = DnsExpect.model_validate({section: condition})
        answer = DnsAnswer("NOERROR", **{section: records})  # type: ignore[arg-type]
        rcode, judged = judge_dns(expect, answer)
        assert rcode.met
        assert (judged.name, judged.met) == (section, met)


def test_all_conditions_must_hold() -> None:
    expect = DnsExpect.model_validate({"answers": {"contains": "192.0.2.1", "length": 3}})
    *_, judged = judge_dns(expect, DnsAnswer("NOERROR", TWO))
    assert not judged.met
    assert judged.expected == "answers length to be 3"
    assert judged.found == "192.0.2.1, 192.0.2.22"


def test_what_is_said_is_short() -> None:
    many = tuple(address(f"2001:db8::{n:x}:1:2:3:4") for n in range(1, 500))
    expect = DnsExpect.model_validate({"answers": [f"192.0.2.{n}" for n in range(200)]})
    *_, judged = judge_dns(expect, DnsAnswer("NOERROR", many))
    assert len(judged.expected) <= DETAIL_LIMIT
    assert len(judged.found) <= DETAIL_LIMIT
