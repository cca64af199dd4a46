"""One look in all its steps, as `curl -v` would show it."""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from evidenced.cli.marks import MARKS
from evidenced.config.kinds.base import KindSettings
from evidenced.probes.attempt import Attempt, Judgement, Outcome
from evidenced.probes.course import Phase
from evidenced.probes.kind import Probe
from evidenced.probes.resources import Resources
from evidenced.probes.trace import Mark, Trace, traced
from evidenced.watch.observation import Observation

Traces = dict[str, list[Trace]]
"""The traces of each check's attempts, by its name."""

_STYLES = {Mark.INFO: "dim", Mark.SENT: "cyan", Mark.HEARD: "blue"}


def listened(probe: Probe[Any], traces: list[Trace]) -> Probe[Any]:
    """The same probe, with a trace of each of its attempts added to the list."""

    async def listen(settings: KindSettings, timeout: float, resources: Resources) -> Attempt:
        with traced() as trace:
            traces.append(trace)
            return await probe(settings, timeout, resources)

    return listen


def report(one: Observation, traces: Sequence[Trace], console: Console) -> None:
    """Every attempt: what it did, its timings, its expectations, and how it ended."""
    console.print(Text(f"{one.check.name}: {one.check.kind} {one.check.target}", "bold"))
    for number, (attempt, trace) in enumerate(zip(one.attempts, traces, strict=True), 1):
        if one.retried:
            console.print(Text(f"\nattempt {number} of {len(one.attempts)}", "bold"))
        for line in _lines(attempt, trace):
            console.print(line)
    console.print()


def _lines(attempt: Attempt, trace: Trace) -> Iterator[Text]:
    for line in trace.lines:
        time = Text(f"{line.at * 1000:7.1f} ms ", "dim")
        yield time + Text(f"{line.mark} {line.text}", _STYLES[line.mark])
    known = [*Phase, *attempt.phases]
    order = sorted(attempt.phases, key=known.index)
    phases = [f"{name} {attempt.phases[name] * 1000:.1f} ms" for name in order]
    whole = f"{attempt.duration * 1000:.1f} ms"
    yield Text(f"took {whole}" + (f": {', '.join(phases)}" if phases else ""))
    yield from map(_judged, attempt.judgements)
    yield Text.assemble(MARKS[attempt.outcome], " ", _ending(attempt))


def _judged(judgement: Judgement) -> Text:
    outcome = Outcome.SUCCESS if judgement.met else Outcome.FAILURE
    said = f"expected {judgement.expected}, found {judgement.found}"
    return Text.assemble(MARKS[outcome], " ", (judgement.name, "bold"), f": {said}")


def _ending(attempt: Attempt) -> str:
    if attempt.failure is None:
        return "met"
    return f"{attempt.outcome.value}, {attempt.failure.reason.value}: {attempt.failure.detail}"
