"""What is exported of the kinds that ask, under blackbox_exporter's names where it has them."""

from collections.abc import Mapping

import pytest

from evidenced.config.model import Config
from evidenced.ledger.model import Ledger
from evidenced.probes.attempt import Attempt, Fact, Outcome
from evidenced.publish.metrics_asked import ASKED_FACTS
from evidenced.publish.metrics_checks import CHECK_FAMILIES
from evidenced.watch.board import Board, Reading
from evidenced.watch.observation import Observation
from evidenced.watch.plan import make_plan

READING = Reading(config_loaded=True, config_loaded_at=0.0)
CHECKS = [
    {"name": "dns", "dns": {"name": "rad.example"}},
    {"name": "icmp", "icmp": {"host": "10.0.0.1"}},
    {"name": "prometheus", "prometheus": {"server": "http://127.0.0.1:9090", "query": "up"}},
    {"name": "sql", "sql": {"url": "sqlite:////var/rad.db", "query": "select 1"}},
    {"name": "forge", "forge": {"repository": "rad/shop", "pull_request": 7}},
]


@pytest.mark.parametrize(
    ("name", "phases", "facts", "expected"),
    [
        (
            "dns",
            {"resolve": 0.1, "connect": 0.2, "request": 0.3},
            {"query_succeeded": True, "answer_rrs": 2, "serial": 7, "rcode": "NOERROR"},
            {
                ("probe_dns_query_succeeded",): 1,
                ("probe_dns_answer_rrs",): 2,
                ("probe_dns_serial",): 7,
                ("probe_dns_duration_seconds", "resolve"): 0.1,
                ("probe_dns_duration_seconds", "connect"): 0.2,
                ("probe_dns_duration_seconds", "request"): 0.3,
                ("probe_dns_lookup_time_seconds",): 0.1,
            },
        ),
        (
            "icmp",
            {"resolve": 0.1, "setup": 0.2, "rtt": 0.3},
            {"hop_limit": 61, "sent": 3, "received": 2, "ip_protocol": 4},
            {
                ("probe_icmp_reply_hop_limit",): 61,
                ("probe_icmp_echoes_sent",): 3,
                ("probe_icmp_replies_received",): 2,
                ("probe_ip_protocol",): 4,
                ("probe_icmp_duration_seconds", "resolve"): 0.1,
                ("probe_icmp_duration_seconds", "setup"): 0.2,
                ("probe_icmp_duration_seconds", "rtt"): 0.3,
                ("probe_dns_lookup_time_seconds",): 0.1,
            },
        ),
        (
            "prometheus",
            {},
            {"value": 2.5, "samples": 1},
            {("probe_prometheus_value",): 2.5, ("probe_prometheus_samples",): 1},
        ),
        ("sql", {}, {"value": 3, "rows": 4}, {("probe_sql_value",): 3, ("probe_sql_rows",): 4}),
        (
            "forge",
            {},
            {"asked": False, "merged_at": 5.0, "state": "merged"},
            {("probe_forge_asked",): 0, ("probe_forge_merged_timestamp_seconds",): 5},
        ),
    ],
)
def test_what_was_seen_is_exported(
    name: str,
    phases: Mapping[str, float],
    facts: Mapping[str, Fact],
    expected: Mapping[tuple[str, ...], float],
) -> None:
    config = Config.model_validate({"ledger": {"path": "STATE.md"}, "checks": CHECKS})
    board = Board.of(make_plan(config, Ledger(None, {}, frozenset())), {}, READING)
    attempt = Attempt(Outcome.SUCCESS, 0.0, 1.0, phases=phases, facts=facts)
    board.record(Observation(board.checks[name].check, 0.0, 1.0, (attempt,)))
    found = {
        (family.name, *labels): value
        for family in CHECK_FAMILIES
        for labels, value in family.read(board.checks[name])
    }
    special = {(each, *rest) for each, *rest in found if each.split("_")[1] in ("dns", name, "ip")}
    assert {key: found[key] for key in special} == expected


def test_every_row_has_a_name_of_its_own() -> None:
    names = [name for _, _, name, _, _ in ASKED_FACTS]
    assert len(set(names)) == len(names)
