from collections.abc import Callable

import pytest

from evidenced.config.model import Config
from evidenced.probes.attempt import DETAIL_LIMIT, Attempt, Failure, Outcome, Reason, one_line
from evidenced.publish.metrics_checks import FACTS
from evidenced.watch.board import Board
from evidenced.watch.plan import make_plan

Observe = Callable[..., None]
SeriesOf = Callable[..., dict[tuple[str, ...], float]]
CHECKS = {("repairs",), ("bells",), ("hub",)}


def test_before_the_first_look_there_is_only_what_has_a_meaning(series: SeriesOf) -> None:
    assert series("probe_runs_total", "check", "result") == {
        (*check, result): 0 for check in CHECKS for result in ("success", "failure", "unknown")
    }
    assert set(series("probe_attempts_total", "check", "outcome").values()) == {0}
    assert set(series("probe_info", "check")) == CHECKS
    for absent in ("probe_success", "probe_duration_seconds", "probe_last_run_timestamp_seconds"):
        assert series(absent, "check") == {}


def test_every_series_of_a_check_says_which(series: SeriesOf) -> None:
    assert set(series("probe_runs_total", "check", "kind", "target", result="success")) == {
        ("repairs", "http", "https://rad.example/repairs"),
        ("bells", "http", "https://rad.example/bells"),
        ("hub", "http", "https://hub.example/up"),
    }


def test_a_good_look_is_told_in_full(series: SeriesOf, observe: Observe, good: Attempt) -> None:
    observe("bells", good)
    assert series("probe_success", "check") == {("bells",): 1}
    assert series("probe_duration_seconds", "check") == {("bells",): 0.5}
    assert series("probe_last_run_timestamp_seconds", "check") == {("bells",): 1_800_000_000.5}
    assert series("probe_retried", "check") == {("bells",): 0}
    assert series("probe_dns_lookup_time_seconds", "check") == {("bells",): 0.01}
    assert series("probe_http_duration_seconds", "phase") == {
        ("resolve",): 0.01,
        ("connect",): 0.02,
        ("tls",): 0.03,
        ("processing",): 0.4,
        ("transfer",): 0.04,
    }
    assert {seen.name: series(seen.name)[()] for seen in FACTS if "http" in seen.kinds} == {
        "probe_http_status_code": 200,
        "probe_http_redirects": 1,
        "probe_http_addresses": 2,
        "probe_http_addresses_failed": 0,
        "probe_http_content_length": 4096,
        "probe_http_uncompressed_body_length": 12000,
        "probe_http_last_modified_timestamp_seconds": 1_799_996_400,
        "probe_http_ssl": 1,
        "probe_http_version": 1.1,
        "probe_ip_protocol": 6,
        "probe_ssl_earliest_cert_expiry": 1_800_086_400,
        "probe_ssl_last_chain_expiry_timestamp_seconds": 1_800_090_000,
    }
    assert series("probe_tls_version_info", "version") == {("TLS 1.3",): 1}
    assert series("probe_tls_cipher_info", "cipher") == {("TLS_AES_256_GCM_SHA384",): 1}
    assert series("probe_ssl_last_chain_info", "issuer", "subjectalternative") == {
        ("CN=R11,O=Let's Encrypt", "rad.example,www.rad.example"): 1
    }
    assert series("probe_failure_info") == {}


def test_what_was_not_seen_is_absent_not_zero(
    series: SeriesOf, observe: Observe, bad: Attempt
) -> None:
    observe("bells", bad)
    assert series("probe_http_status_code", "check") == {("bells",): 500}
    assert series("probe_http_ssl", "check") == {("bells",): 0}
    assert set(series("probe_http_duration_seconds", "phase")) == {("connect",), ("processing",)}
    for absent in ("probe_dns_lookup_time_seconds", "probe_ssl_earliest_cert_expiry"):
        assert series(absent) == {}


@pytest.mark.parametrize(
    ("attempts", "success"),
    [
        pytest.param(("good",), {("bells",): 1}, id="good"),
        pytest.param(("bad",), {("bells",): 0}, id="bad"),
        pytest.param(("blind",), {}, id="could not look"),
        pytest.param(("bad", "good"), {("bells",): 1}, id="good at the second attempt"),
    ],
)
def test_success_is_absent_when_the_last_run_could_not_look(
    series: SeriesOf,
    observe: Observe,
    request: pytest.FixtureRequest,
    attempts: tuple[str, ...],
    success: dict[tuple[str, ...], float],
) -> None:
    observe("bells", *(request.getfixturevalue(name) for name in attempts))
    assert series("probe_success", "check") == success


def test_a_certificate_is_told_of_also_when_the_attempt_failed(
    series: SeriesOf, observe: Observe
) -> None:
    failure = Failure(Reason.TLS, "", "certificate has expired")
    facts = {"cert_expiry": 1_700_000_000.0}
    observe("bells", Attempt(Outcome.FAILURE, 0, 0.1, failure=failure, facts=facts))
    assert series("probe_ssl_earliest_cert_expiry", "check") == {("bells",): 1_700_000_000}


def test_runs_and_attempts_are_counted_and_a_retried_pass_is_told_from_a_plain_one(
    series: SeriesOf, observe: Observe, good: Attempt, bad: Attempt, blind: Attempt
) -> None:
    observe("bells", good)
    observe("bells", bad, bad)
    observe("bells", blind)
    observe("bells", bad, good)
    runs = series("probe_runs_total", "result", check="bells")
    assert runs == {("success",): 2, ("failure",): 1, ("unknown",): 1}
    attempts = series("probe_attempts_total", "outcome", check="bells")
    assert attempts == {("success",): 2, ("failure",): 3, ("unknown",): 1}
    assert series("probe_retried", "check") == {("bells",): 1}


def test_an_expectation_is_met_when_all_judgements_of_its_name_are(
    series: SeriesOf, observe: Observe, good: Attempt, bad: Attempt
) -> None:
    observe("bells", good)
    observe("repairs", bad)
    assert series("probe_expectation_met", "check", "expectation") == {
        ("bells", "status"): 1,
        ("bells", "body"): 1,
        ("repairs", "status"): 0,
        ("repairs", "body"): 0,
    }


def test_why_a_check_fails_is_there_while_it_does_and_stays_the_same_series(
    series: SeriesOf, observe: Observe, good: Attempt, bad: Attempt
) -> None:
    def why() -> dict[tuple[str, ...], float]:
        return series("probe_failure_info", "reason", "expectation", "detail", check="bells")

    observe("bells", bad)
    began = {("status", "status", "expected 200, found 500"): 1.0}
    assert why() == began
    again = Failure(Reason.STATUS, "status", "expected 200, found 502")
    observe("bells", Attempt(Outcome.FAILURE, 0, 0.1, failure=again))
    assert why() == began
    other = Failure(Reason.TIMEOUT, "", one_line("no answer " * 50))
    observe("bells", Attempt(Outcome.FAILURE, 0, 0.1, failure=other))
    ((reason, _, detail),) = why()
    assert reason == "timeout"
    assert len(detail) == DETAIL_LIMIT
    observe("bells", good)
    assert why() == {}


def test_labels_of_the_operators_own_never_collide(series: SeriesOf) -> None:
    assert series("probe_info", "check", "label_team", "label_job", "label_tier") == {
        ("repairs", "workshop", "spokes", ""): 1,
        ("bells", "", "", "1"): 1,
        ("hub", "", "", ""): 1,
    }


def test_a_check_that_is_no_longer_planned_leaves_no_series(
    board: Board, series: SeriesOf, observe: Observe, good: Attempt, config: Config
) -> None:
    observe("bells", good)
    rest = tuple(check for check in config.checks if check.name != "bells")
    board.adopt(make_plan(config.model_copy(update={"checks": rest}), board.plan.ledger), {})
    assert series("probe_success", "check") == {}
    assert set(series("probe_info", "check")) == CHECKS - {("bells",)}
