"""The `curl` command that repeats what a check asks, without its secrets (see curl(1))."""

import shlex
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

from evidenced import __version__
from evidenced.config.http import without_secrets
from evidenced.config.kinds.http import HttpSettings
from evidenced.config.tls import TlsSettings
from evidenced.probes.address import Address
from evidenced.probes.expectations.status import is_status
from evidenced.watch.plan import Check

SECRET = "<secret>"  # noqa: S105  what stands in the place of one
"""What stands where a value is not shown."""

BODY = "<body>"
"""What stands for a request's body: it may hold a password as well as anything else."""

MOST_REDIRECTS = 10
"""Redirects that are followed where a check only says that they are."""

_SHOWN = frozenset(
    {"accept", "accept-encoding", "accept-language", "content-type", "host", "range"}
)
"""Request headers whose values carry no credential."""


def curl(check: Check) -> str | None:
    """The command, quoted for a shell; None where no single request of HTTP repeats the check.

    Values of headers, of the query and credentials are replaced by `<secret>`, an inline body by
    `<body>`; a body in a file is named by its path.
    """
    settings = check.settings
    if not isinstance(settings, HttpSettings) or settings.steps:
        return None
    return shlex.join(["curl", *_words(settings, check.timing.timeout)])


def _words(settings: HttpSettings, timeout: float) -> Iterator[str]:
    yield from ("--silent", "--show-error", "--include", "--max-time", f"{timeout:g}")
    yield from _method(settings)
    yield from _redirects(settings)
    yield from _headers(settings)
    yield from _credentials(settings)
    if settings.body_file is not None:
        yield from ("--data-binary", f"@{settings.body_file}")
    elif settings.body is not None:
        yield from ("--data-binary", BODY)
    if settings.ip != "any":
        yield f"--ipv{settings.ip}"
    yield from _proxy(settings.proxy)
    secure = Address.parse(settings.address).scheme == "https"
    if secure:
        yield from _tls(settings.tls)
    name = settings.tls.server_name if secure else None
    yield from _address(settings, name)


def _method(settings: HttpSettings) -> Iterator[str]:
    body = settings.body is not None or settings.body_file is not None
    # Said needlessly, curl would repeat it after a redirect that makes a GET of a POST.
    if settings.method == "HEAD":
        yield "--head"
    elif settings.method != ("POST" if body else "GET"):
        yield from ("--request", settings.method)


def _redirects(settings: HttpSettings) -> Iterator[str]:
    follow, expect = settings.follow_redirects, settings.expect
    # It brings aiohttp along, which is costly to import, and few commands show such a command.
    from evidenced.probes.request import REDIRECTS

    most = MOST_REDIRECTS if follow is True else int(follow)
    # A redirect that is itself what is expected is not followed.
    awaited = expect.location is not None or any(is_status(s, expect.status) for s in REDIRECTS)
    if most and not awaited:
        yield from ("--location", "--max-redirs", str(most))


def _headers(settings: HttpSettings) -> Iterator[str]:
    names = {name.lower() for name in settings.headers}
    if "user-agent" not in names:
        yield from ("--user-agent", f"evidenced/{__version__}")
    if "accept-encoding" not in names:
        wanted = settings.expect.compression
        yield from ["--compressed"] if wanted is None else _header("Accept-Encoding", wanted)
    for name, value in settings.headers.items():
        shown = value.reveal() if name.lower() in _SHOWN else SECRET
        yield from _header(name, shown)
    typed = "content-type" in names
    if not typed and (settings.body is not None or settings.body_file is not None):
        # curl would name a type of its own for a body; the check names none.
        yield from ("--header", "Content-Type:")


def _header(name: str, value: str) -> tuple[str, str]:
    return "--header", f"{name}: {value}"


def _credentials(settings: HttpSettings) -> Iterator[str]:
    if any(name.lower() == "authorization" for name in settings.headers):
        return
    if settings.auth is not None and settings.auth.token is not None:
        yield from _header("Authorization", f"Bearer {SECRET}")
    elif settings.auth is not None or Address.parse(settings.address).user:
        yield from ("--user", f"{SECRET}:{SECRET}")


def _proxy(proxy: str | None) -> Iterator[str]:
    if proxy is None:
        # A check goes by no proxy, whatever the environment says.
        yield from ("--noproxy", "*")
        return
    address = Address.parse(proxy)
    yield from ("--proxy", f"{address.scheme}://{address.peer}")
    if address.user:
        yield from ("--proxy-user", f"{SECRET}:{SECRET}")


def _tls(tls: TlsSettings) -> Iterator[str]:
    if not tls.verify:
        yield "--insecure"
    if tls.ca_file is not None:
        yield from ("--cacert", str(tls.ca_file))
    if tls.min_version is not None:
        yield f"--tlsv{tls.min_version}"
    if tls.cert_file is not None:
        yield from ("--cert", str(tls.cert_file))
    if tls.key_file is not None:
        yield from ("--key", str(tls.key_file))


def _address(settings: HttpSettings, name: str | None) -> Iterator[str]:
    """The address; where another name is asked for by TLS, with where that name is to lead."""
    asked = Address.parse(settings.address)
    parts = urlsplit(without_secrets(settings.address).replace("=…", f"={SECRET}"))
    if name is not None and name.lower() != asked.host:
        yield from ("--connect-to", f"{name}:{asked.port}:{asked.peer}")
        if not any(header.lower() == "host" for header in settings.headers):
            yield from _header("Host", parts.netloc)
        parts = parts._replace(netloc=f"{name}:{asked.port}")
    url = urlunsplit(parts._replace(fragment=""))
    if any(mark in url for mark in "[]{}"):
        yield "--globoff"
    if "/." in parts.path:
        yield "--path-as-is"
    yield url
