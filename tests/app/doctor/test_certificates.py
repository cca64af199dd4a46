import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from evidenced.app.doctor import certificates


@asynccontextmanager
async def _serving(ca: trustme.CA, days: float) -> AsyncIterator[str]:
    """A TLS server whose certificate is good for so many days; its HOST:PORT."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    expires = datetime.now(UTC) + timedelta(days=days)
    begins = datetime.now(UTC) - timedelta(days=30)
    ca.issue_cert("127.0.0.1", not_before=begins, not_after=expires).configure_cert(context)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("days", "verdict", "what"),
    [
        (90.2, "ok", "90 days left"),
        (10.2, "warning", "10 days left"),
        (2.2, "problem", "2 days left"),
        (-1, "problem", "is not trusted: certificate has expired"),
    ],
    ids=["good", "soon", "very soon", "expired"],
)
async def test_the_days_that_are_left(
    days: float,
    verdict: str,
    what: str,
    read: Callable[..., Any],
    said: Callable[..., Any],
    tmp_path: Path,
) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.crt"))
    async with _serving(ca, days) as address:
        check = {"address": address, "tls": {"ca_file": str(tmp_path / "ca.crt")}}
        subject = await read(checks=[{"name": "till", "tls": check}])
        ((found, line),) = said(await certificates.examine(subject))
    assert found == verdict
    assert what in line


async def test_an_unknown_authority_is_a_problem(
    read: Callable[..., Any], said: Callable[..., Any]
) -> None:
    async with _serving(trustme.CA(), 90) as address:
        subject = await read(checks=[{"name": "till", "http": {"url": f"https://{address}/"}}])
        ((verdict, line),) = said(await certificates.examine(subject))
    assert verdict == "problem"
    assert f"the certificate of {address} is not trusted" in line


async def test_what_is_not_verified_still_expires(
    read: Callable[..., Any], said: Callable[..., Any]
) -> None:
    async with _serving(trustme.CA(), -1) as address:
        http = {"url": f"https://{address}/", "tls": {"verify": False}}
        subject = await read(checks=[{"name": "till", "http": http}])
        found = said(await certificates.examine(subject))
    assert found == [("problem", f"the certificate of {address} has expired")]


async def test_nobody_answers(read: Callable[..., Any], said: Callable[..., Any]) -> None:
    subject = await read(checks=[{"name": "till", "http": {"url": "https://127.0.0.1:1/"}}])
    ((verdict, line),) = said(await certificates.examine(subject))
    assert verdict == "not looked at"
    assert "no certificate of 127.0.0.1:1 was seen" in line
