"""Whether the address to listen on is free, or held by the daemon of this configuration."""

import errno
import socket
from functools import partial

from evidenced.app.doctor.asking import AskError, asked, document
from evidenced.app.doctor.finding import Finding, not_looked_at, ok, problem, some, warning
from evidenced.app.doctor.subject import Own, Subject
from evidenced.config.words import counted
from evidenced.probes.threads import in_thread

HEALTHY = "evidenced is healthy."
"""How the answer of /-/healthy begins where it is a daemon of ours."""


async def examine(subject: Subject) -> tuple[Finding, ...]:
    """Who listens there, if anybody."""
    listen = subject.config.listen
    if listen.endswith(":0"):
        return (ok(f"listen is {listen}: any free port"),)
    held = await in_thread(partial(_why_not, listen))
    if held is None:
        return (ok(f"{listen} is free: no daemon runs there"),)
    if held == errno.EACCES:
        mend = "take a port of 1024 or more, or give the unit CAP_NET_BIND_SERVICE"
        return (problem(f"{listen} is not for this user to listen on", mend),)
    if held == errno.EADDRINUSE:
        own = subject.own
        return (await _holder(subject, own) if own else _unknown(listen),)
    return (
        problem(
            f"{listen} cannot be listened on: {errno.errorcode.get(held, held)}",
            "set `listen` to an address that this host has (`ip address` shows them)",
        ),
    )


def _why_not(listen: str) -> int | None:
    """The error of listening there; None where one may. Looked up and bound as the daemon does."""
    host, _, port = listen.rpartition(":")
    try:
        found = socket.getaddrinfo(
            host.strip("[]") or None, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        for family, _, _, _, address in dict.fromkeys(found):
            _bind(family, address)
    except OSError as error:
        return error.errno or errno.EADDRNOTAVAIL
    return None


def _bind(family: int, address: tuple[object, ...]) -> None:
    try:
        one = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        return  # a system without IPv6 may still know of it
    with one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind(address)


def _unknown(listen: str) -> Finding:
    return not_looked_at(f"{listen} is held, and there is no way to ask by whom")


async def _holder(subject: Subject, own: Own) -> Finding:
    """Whether the one who listens is an evidenced with the checks of this configuration."""
    listen = subject.config.listen
    other = "stop what holds it (`ss -ltnp` shows it), or set `listen` to another port"
    try:
        text = await _get(subject, own, "/-/healthy")
    except AskError as error:
        if error.status in (401, 403):
            return not_looked_at(
                f"{listen} is held by something that wants a token",
                "set $EVIDENCED_TOKEN to one that opens the daemon",
            )
        return problem(f"{listen} is held by something else: {error}", other)
    if not text.startswith(HEALTHY):
        return problem(f"{listen} is held by something that is no evidenced", other)
    try:
        answer = document(await _get(subject, own, "/api/v1/checks?limit=1000"), listen)
        theirs = {str(one["name"]) for one in answer["checks"]}
        whole = int(answer["total"]) <= len(theirs)
    except (AskError, LookupError, TypeError, ValueError):
        return not_looked_at(f"{listen}: a daemon runs there, but does not say what it checks")
    return _compared(subject, theirs, whole)


def _compared(subject: Subject, theirs: set[str], whole: bool) -> Finding:
    listen, loaded = subject.config.listen, subject.loaded
    ours = {check.name for check in loaded.plan.checks} if loaded else set()
    missing = sorted(ours - theirs) if whole else []
    if missing:
        return warning(
            f"a daemon runs at {listen}, but without {counted(len(missing), 'check')} of this "
            f"configuration: {some(missing)}",
            "reload it (SIGHUP), and see its log; or it is the daemon of another configuration",
        )
    return ok(f"a daemon with this configuration runs at {listen}")


async def _get(subject: Subject, own: Own, path: str) -> str:
    headers = {"Authorization": f"Bearer {own.token.reveal()}"} if own.token else {}
    return await asked(own.url + path, subject.resources, headers=headers, tls=own.tls)
