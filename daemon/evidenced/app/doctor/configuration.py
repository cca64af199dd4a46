"""Whether the configuration is sound, and what in it is without effect or open to all."""

from collections.abc import Iterator
from pathlib import Path

from evidenced.app.doctor.finding import Finding, ok, problem, some, warning
from evidenced.app.doctor.subject import Subject
from evidenced.app.listing import problems
from evidenced.config.blackbox.load import load_blackbox
from evidenced.config.load import ConfigError
from evidenced.config.model import Config
from evidenced.config.words import counted
from evidenced.probes.threads import in_thread
from evidenced.publish.rules import rules
from evidenced.watch.plan import Plan

_OTHERS = 0o007
"""The bits of a file's mode for those who are neither its owner nor of its group."""


async def examine(subject: Subject) -> tuple[Finding, ...]:
    """That it loads, and what there is to warn of."""
    return await in_thread(lambda: tuple(_found(subject)))


def _found(subject: Subject) -> Iterator[Finding]:
    config = subject.config
    try:
        rules(config)
        if config.blackbox:
            load_blackbox(config.blackbox)
    except ConfigError as error:
        yield problem(str(error), "correct it; `evidenced validate` says the same")
    else:
        checks = len(subject.loaded.plan.checks) if subject.loaded else len(config.checks)
        yield ok(f"{subject.path} loads: {counted(checks, 'check')}")
    if subject.loaded is not None:
        for line in subject.loaded.warnings:
            yield warning(line, "write the key by its new name")
        yield from _plan(subject.loaded.plan)
        for line in problems(subject.loaded.listings):
            yield warning(line, "mend the list of targets, or `discovery` of the check")
    yield from _open_files(config)


def _plan(plan: Plan) -> Iterator[Finding]:
    for who, name, nearest in (*plan.unmet, *plan.strays):
        hint = f"; did you mean {nearest!r}?" if nearest else ""
        yield warning(
            f"{who} names {name!r}, which is not there{hint}", "correct the name, or take it out"
        )
    if plan.doubled:
        yield warning(
            f"several lists of targets have {some(list(plan.doubled))}, with other labels",
            "name each target once, or give the checks of one list another name",
        )


def _open_files(config: Config) -> Iterator[Finding]:
    """Files with secrets that everybody on this host may read."""
    files = (config.tokens.admin_file, config.tokens.push_file, config.store.url_file)
    for file in filter(None, files):
        if _open_to_all(file):
            yield warning(f"everybody on this host may read {file}", f"chmod o= {file}")


def _open_to_all(file: Path) -> bool:
    try:
        return bool(file.stat().st_mode & _OTHERS)
    except OSError:
        return False  # reading it said what is wrong
