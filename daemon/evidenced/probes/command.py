"""The look that a command takes: run it, hold its exit status and its output against what is meant.

A command that cannot be started says nothing of what it would have looked at: the outcome is then
unknown, not a failure. One that runs past the deadline, or writes without end, is a failure.
"""

import grp
import math
import os
import pwd
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from evidenced.config.kinds.command import CommandLimits, CommandSettings
from evidenced.probes.attempt import Attempt, Judgement, Reason
from evidenced.probes.expectations.output import judge_text
from evidenced.probes.host.child import Ended, Order, TooMuchError, signal_name
from evidenced.probes.host.frame import BrokenError, Late, Sight, UnableError, look
from evidenced.probes.resources import Resources

_INHERITED = ("PATH", "HOME", "LANG", "TZ")
"""Variables that a command gets of the daemon's: others may hold secrets."""

_SIGNALLED = 128
"""What a shell adds to the number of a signal to make an exit status of it."""


@dataclass(frozen=True, slots=True)
class _Identity:
    """Who a command runs as, by number; None where that is the daemon itself."""

    user: int | None = None
    group: int | None = None
    groups: tuple[int, ...] | None = None


async def probe(settings: CommandSettings, timeout: float, resources: Resources) -> Attempt:
    """Take one look by a command; see `Probe` for what holds for all kinds.

    Facts: `exit_status` (128 and the number of the signal where one ended it), `stdout_bytes` and
    `stderr_bytes`. Whatever it started is killed with it, at the deadline or when it has ended.
    """
    late = Late(Reason.TIMEOUT, f"{settings.target} was running")
    return await look(_take(settings, resources), timeout, late)


async def _take(settings: CommandSettings, resources: Resources) -> Sight:
    order = await resources.host.read(partial(_order, settings, dict(os.environ)))
    try:
        async with resources.host.children.run(order, settings.output_limit) as child:
            ended = await child.wait()
    except OSError as error:
        raise UnableError(_not_started(settings, error)) from None
    except TooMuchError:
        detail = f"{settings.target} wrote more than {settings.output_limit:,} bytes"
        raise BrokenError(Reason.TOO_LARGE, detail) from None
    facts = {
        "exit_status": _status(ended),
        "stdout_bytes": len(ended.stdout),
        "stderr_bytes": len(ended.stderr),
    }
    return Sight(tuple(_judge(settings, ended)), facts)


def _order(settings: CommandSettings, environ: Mapping[str, str]) -> Order:
    inherited = {name: environ[name] for name in _INHERITED if name in environ}
    identity = _identity(settings)
    return Order(
        arguments=settings.run,
        environment={"PATH": os.defpath, **inherited, **settings.env},
        folder=settings.cwd,
        before=_limiting(settings.limits),
        user=identity.user,
        group=identity.group,
        groups=identity.groups,
    )


def _limiting(limits: CommandLimits) -> tuple[str, ...]:
    """The program that sets limits and then becomes the command; Python could only set its own."""
    options = []
    if limits.cpu is not None:
        options.append(f"--cpu={math.ceil(limits.cpu)}")
    if limits.memory is not None:
        options.append(f"--as={limits.memory}")
    if limits.files is not None:
        options.append(f"--nofile={limits.files}")
    if not options:
        return ()
    program = shutil.which("prlimit")
    if program is None:
        raise UnableError("limits need the program prlimit: install util-linux")
    return (program, *options, "--")


def _identity(settings: CommandSettings) -> _Identity:
    """Who to run as. Raises UnableError where there is no such user, or the daemon may not."""
    try:
        user = pwd.getpwnam(settings.user) if settings.user is not None else None
        group = grp.getgrnam(settings.group).gr_gid if settings.group is not None else None
    except KeyError as error:
        raise UnableError(f"there is no such user or group on this host: {error.args[0]}") from None
    if user is None and group is None:
        return _Identity()
    own = (os.geteuid(), os.getegid())
    wanted = (
        own[0] if user is None else user.pw_uid,
        group if group is not None else user.pw_gid if user is not None else own[1],
    )
    if wanted == own:
        return _Identity()
    if own[0] != 0:
        raise UnableError("running as another user or group needs root: run the daemon as root")
    groups = tuple(os.getgrouplist(user.pw_name, wanted[1])) if user is not None else (wanted[1],)
    return _Identity(wanted[0], wanted[1], groups)


def _not_started(settings: CommandSettings, error: OSError) -> str:
    """Why it was not started, and what to do; `error` names a file only where it is to blame."""
    if isinstance(error, FileNotFoundError) and str(error.filename) == str(settings.cwd):
        return f"the folder to run in does not exist: {settings.cwd}"
    if isinstance(error, FileNotFoundError):
        return f"{settings.target} was not found: install it, or give its whole path"
    if isinstance(error, PermissionError):
        return f"{settings.target} may not be run: make it executable for the user it runs as"
    return f"{settings.target} cannot be started: {error.strerror or error}"


def _status(ended: Ended) -> int:
    return ended.status if ended.status >= 0 else _SIGNALLED - ended.status


def _judge(settings: CommandSettings, ended: Ended) -> Iterator[Judgement]:
    expect, status = settings.expect, _status(ended)
    wanted = " or ".join(map(str, expect.exit))
    found = str(status) if ended.status >= 0 else f"{status}, by {signal_name(ended.status)}"
    met = status in expect.exit
    yield Judgement("exit", met, f"exit status {wanted}", found, Reason.STATUS)
    if expect.stdout is not None:
        yield judge_text("stdout", _text(ended.stdout), expect.stdout)
    if expect.stderr is not None:
        yield judge_text("stderr", _text(ended.stderr), expect.stderr)


def _text(output: bytes) -> str:
    return output.decode(errors="replace").removesuffix("\n").removesuffix("\r")
