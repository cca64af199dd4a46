"""The families of a check, under blackbox_exporter's names where the meaning is the same."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from evidenced.probes.attempt import Attempt, Fact, Reason, one_line
from evidenced.probes.push import FACT
from evidenced.publish.metrics_asked import ASKED_FACTS, ASKED_PHASES
from evidenced.publish.metrics_family import Family, Type, Value, given
from evidenced.publish.metrics_host import HOST_FACTS
from evidenced.publish.metrics_standing import STANDING_FAMILIES
from evidenced.publish.metrics_stream import (
    CERTIFIED,
    CONNECTED,
    STREAM_FACTS,
    STREAM_PHASES,
    STREAM_TEXTS,
)
from evidenced.publish.metrics_timing import TIMING_FAMILIES, planned
from evidenced.watch.board import Blind, CheckStatus

USER_LABEL_PREFIX = "label_"
"""What is put before the name of every label of the operator's own on `probe_info`.

Always, so that a name does not depend on which others there are, and none ever collides with a
label of evidenced's or of Prometheus' (`job`, `instance`).
"""

HTTP = "http"
PUSH = "push"
SEEN = "while the last attempt saw it"
RAN = "after the first run"


def facts_of(status: CheckStatus) -> Mapping[str, Fact] | None:
    """The facts of the last attempt; None before the first."""
    return status.last.last.facts if status.last else None


@dataclass(frozen=True, slots=True)
class Seen:
    """A fact that attempts of some kinds see, exported as a number under a name of its own."""

    kinds: tuple[str, ...]
    fact: str
    name: str
    help: str
    unit: str = ""

    def family(self) -> Family[CheckStatus]:
        """The family of it."""

        def read(status: CheckStatus) -> tuple[Value, ...]:
            attempt = _of_kind(status, self.kinds)
            return given(_number(attempt.facts.get(self.fact)) if attempt else None)

        return Family(
            self.name,
            "gauge",
            self.help,
            read,
            unit=self.unit,
            present=SEEN,
            kinds=self.kinds,
            seen=facts_of,
        )


FACTS = (
    Seen((HTTP,), "status_code", "probe_http_status_code", "Status code of the last answer."),
    Seen((HTTP,), "redirects", "probe_http_redirects", "Redirects that were followed."),
    Seen(
        (HTTP,),
        "content_length",
        "probe_http_content_length",
        "Length of the answer as its Content-Length header has it; -1 where that says nothing.",
        "bytes",
    ),
    Seen(
        (HTTP,),
        "body_bytes",
        "probe_http_uncompressed_body_length",
        "Length of the body that was read, decompressed.",
        "bytes",
    ),
    Seen(
        (HTTP,),
        "last_modified",
        "probe_http_last_modified_timestamp_seconds",
        "When the answer says that what it shows was last modified, in Unix time.",
        "seconds",
    ),
    Seen((HTTP,), "ssl", "probe_http_ssl", "Whether the last answer came over TLS."),
    Seen((HTTP,), "version", "probe_http_version", "HTTP version of the last answer."),
    Seen(
        (HTTP,),
        "addresses",
        "probe_http_addresses",
        "Addresses that the name resolves to, where each is looked at.",
    ),
    Seen(
        (HTTP,),
        "addresses_failed",
        "probe_http_addresses_failed",
        "Those of them that did not meet what is expected.",
    ),
    Seen(
        (*CONNECTED, "dns", "icmp"),
        "ip_protocol",
        "probe_ip_protocol",
        "Version of IP that was used: 4 or 6.",
    ),
    Seen(
        (*CERTIFIED, "dns"),
        "cert_expiry",
        "probe_ssl_earliest_cert_expiry",
        "When the first of the certificates shown expires, trusted or not, in Unix time.",
        "seconds",
    ),
    Seen(
        (PUSH,),
        "age_seconds",
        "probe_push_age_seconds",
        "How old the last push was when it was looked at.",
        "seconds",
    ),
    Seen(
        (PUSH,),
        "received",
        "probe_push_last_timestamp_seconds",
        "When the last push was received, in Unix time.",
        "seconds",
    ),
    Seen((PUSH,), "ok", "probe_push_ok", "Whether the last push says that all is well."),
    Seen(
        (PUSH,),
        "duration_seconds",
        "probe_push_duration_seconds",
        "How long what was pushed about took.",
        "seconds",
    ),
    Seen(
        (PUSH,),
        "tests",
        "probe_push_tests",
        "Tests of the run that was pushed, the skipped among them.",
    ),
    Seen((PUSH,), "failures", "probe_push_failures", "Tests of it that failed."),
    Seen((PUSH,), "errors", "probe_push_errors", "Tests of it that ended in an error."),
    Seen((PUSH,), "skipped", "probe_push_skipped", "Tests of it that were skipped."),
    Seen((PUSH,), "assertions", "probe_push_assertions", "Assertions in its tests."),
    *(Seen(*row) for row in HOST_FACTS),
    *(Seen(*row) for row in ASKED_FACTS),
    *(Seen(*row) for row in STREAM_FACTS),
)
"""What attempts see, by kind: a new kind adds lines."""


def _success(status: CheckStatus) -> Iterable[Value]:
    # 0 would say that the target failed, which a run that could not look does not know.
    results = {"success": 1.0, "failure": 0.0}
    return given(results.get(status.last.result) if status.last else None)


def _lookup_time(status: CheckStatus) -> Iterable[Value]:
    return given(status.last.last.phases.get("resolve") if status.last else None)


def _phases(kind: str) -> Callable[[CheckStatus], Iterator[Value]]:
    def read(status: CheckStatus) -> Iterator[Value]:
        attempt = _of_kind(status, (kind,))
        for phase, seconds in attempt.phases.items() if attempt else ():
            yield (phase,), seconds

    return read


def _phase_family(kind: str, name: str, meaning: str) -> Family[CheckStatus]:
    return Family(
        name,
        "gauge",
        meaning,
        _phases(kind),
        labels=("phase",),
        unit="seconds",
        present="for the phases that the last attempt went through",
        kinds=(kind,),
    )


def _expectations(status: CheckStatus) -> Iterator[Value]:
    met: dict[str, bool] = {}
    for judgement in status.last.last.judgements if status.last else ():
        met[judgement.name] = met.get(judgement.name, True) and judgement.met
    for name, all_met in met.items():
        yield (name,), float(all_met)


def _text_family(
    kinds: tuple[str, ...], name: str, meaning: str, labels: Mapping[str, str]
) -> Family[CheckStatus]:
    """A family that is 1 and has what attempts saw as labels: the fact for each label."""

    def read(status: CheckStatus) -> Iterator[Value]:
        attempt = _of_kind(status, kinds)
        if attempt and any(fact in attempt.facts for fact in labels.values()):
            yield tuple(str(attempt.facts.get(fact, "")) for fact in labels.values()), 1.0

    kind: Type = "info" if name.endswith("_info") else "gauge"
    return Family(
        name, kind, meaning, read, labels=tuple(labels), present=SEEN, kinds=kinds, seen=facts_of
    )


def _pushed_facts(status: CheckStatus) -> Iterator[Value]:
    # Names of the configuration's: whoever pushes cannot make series.
    attempt = _of_kind(status, (PUSH,))
    for name, fact in attempt.facts.items() if attempt else ():
        if name.startswith(FACT) and not isinstance(fact, str):
            yield (name.removeprefix(FACT),), float(fact)


def _failure(status: CheckStatus) -> Iterator[Value]:
    if status.blind is Blind.DEPENDENCY and status.failing:
        parents = ", ".join(status.check.depends_on)
        yield (Reason.DEPENDENCY.value, "", one_line(f"what it depends on fails: {parents}")), 1.0
    elif failure := status.state.failure:
        yield (failure.reason.value, failure.expectation, failure.detail), 1.0


def _runs(status: CheckStatus) -> Iterator[Value]:
    for result, count in status.runs.items():
        yield (result.value,), count


def _attempts(status: CheckStatus) -> Iterator[Value]:
    for outcome, count in status.attempts.items():
        yield (outcome.value,), count


def _from_last(
    value: Callable[[Attempt], float],
) -> Callable[[CheckStatus], Iterable[Value]]:
    return lambda status: given(value(status.last.last) if status.last else None)


CHECK_FAMILIES: tuple[Family[CheckStatus], ...] = (
    Family(
        "probe_success",
        "gauge",
        "Whether the last run succeeded: 1 or 0.",
        _success,
        present="after the first run, unless the last one could not look (its result is unknown)",
    ),
    Family(
        "probe_duration_seconds",
        "gauge",
        "How long the last attempt took.",
        _from_last(lambda attempt: attempt.duration),
        unit="seconds",
        present=RAN,
    ),
    Family(
        "probe_last_run_timestamp_seconds",
        "gauge",
        "When the last run ended, in Unix time.",
        lambda status: given(status.last.ended if status.last else None),
        unit="seconds",
        present=RAN,
    ),
    *TIMING_FAMILIES,
    *STANDING_FAMILIES,
    Family(
        "probe_retried",
        "gauge",
        "Whether the last run needed more than one attempt, so that a pass was not a plain one.",
        lambda status: given(float(status.last.retried) if status.last else None),
        present=RAN,
    ),
    Family(
        "probe_maintenance",
        "gauge",
        "Whether the check is in maintenance, so that standings are left as they are: 1 or 0.",
        lambda status: given(float(status.maintenance is not None)),
    ),
    Family(
        "probe_flapping",
        "gauge",
        "Whether the check changes to and fro so often that it is held as contradicted: 1 or 0.",
        lambda status: given(float(status.state.flapping_since is not None)),
    ),
    Family(
        "probe_runs_total",
        "counter",
        "Runs by how they ended.",
        _runs,
        labels=("result",),
    ),
    Family(
        "probe_attempts_total",
        "counter",
        "Attempts by how they ended; a run has more than one where it was retried.",
        _attempts,
        labels=("outcome",),
    ),
    Family(
        "probe_expectation_met",
        "gauge",
        "Whether the last attempt met this expectation.",
        _expectations,
        labels=("expectation",),
        present="while the last attempt could judge it",
    ),
    Family(
        "probe_failure_info",
        "info",
        "Why the check fails: the reason, the expectation that is not met, and what was expected "
        "and found when it began to fail for this reason.",
        _failure,
        labels=("reason", "expectation", "detail"),
        present="from the first failed run to the next good one",
    ),
    Family(
        "probe_dns_lookup_time_seconds",
        "gauge",
        "How long the name resolution of the last attempt took.",
        _lookup_time,
        unit="seconds",
        present="while the last attempt resolved a name",
    ),
    _phase_family(
        HTTP,
        "probe_http_duration_seconds",
        "How long each phase of the last attempt took, summed over redirects: resolve, connect, "
        "tls, processing, transfer.",
    ),
    *(_phase_family(*row) for row in ASKED_PHASES),
    *(_phase_family(*row) for row in STREAM_PHASES),
    *(_text_family(*row) for row in STREAM_TEXTS),
    *(seen.family() for seen in FACTS),
    Family(
        "probe_push_fact",
        "gauge",
        "A fact of the last push that is a number or a truth value, by its name.",
        _pushed_facts,
        labels=("fact",),
        seen=facts_of,
        present="push: for the facts that the configuration expects something of",
    ),
)


def info_family(names: tuple[str, ...]) -> Family[CheckStatus]:
    """`probe_info` with the operator's own labels; a check without one of them has it empty."""
    return Family(
        "probe_info",
        "info",
        "The check, with the operator's own labels.",
        lambda status: [(tuple(status.check.labels.get(name, "") for name in names), 1.0)],
        labels=tuple(USER_LABEL_PREFIX + name for name in names),
        seen=planned,
    )


def check_labels(status: CheckStatus) -> dict[str, str]:
    """The labels that say which check it is."""
    check = status.check
    return {"check": check.name, "kind": check.kind, "target": check.target}


def user_labels(statuses: Iterable[CheckStatus]) -> tuple[str, ...]:
    """The names of all labels that any of the checks has of the operator's own, sorted."""
    return tuple(sorted({name for status in statuses for name in status.check.labels}))


def _of_kind(status: CheckStatus, kinds: tuple[str, ...]) -> Attempt | None:
    return status.last.last if status.last and status.check.kind in kinds else None


def _number(fact: Fact | None) -> float | None:
    return None if fact is None else float(fact)
