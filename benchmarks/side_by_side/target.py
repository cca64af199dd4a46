"""The target: nginx on loopback with one worker, plain and TLS; its own cost is not counted."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from side_by_side import parts
from side_by_side.accesslog import FORMAT, Log
from side_by_side.program import free_address, program

MARKER = "all shops are open"
BODY = f"<!doctype html><title>Shop</title><main>{'Bread and tea. ' * 30}{MARKER}</main>"


@dataclass(frozen=True, slots=True)
class Target:
    """Where the target is, and what it saw."""

    plain: str
    """HOST:PORT without TLS."""
    tls: str
    """HOST:PORT with TLS."""
    authority: Path
    """The certificate to trust."""
    log: Log

    def url(self, number: int, *, tls: bool) -> str:
        """The address of one of the targets."""
        return f"https://{self.tls}/t/{number}" if tls else f"http://{self.plain}/t/{number}"


def configuration(folder: Path, plain: str, tls: str) -> str:
    """What nginx is told."""
    user = "user root;\n" if os.geteuid() == 0 else ""
    temporary = "\n".join(
        f"    {kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return f"""{user}daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 19000; }}
http {{
{temporary}
    log_format beat '{FORMAT}';
    access_log {folder}/access.log beat buffer=64k flush=200ms;
    keepalive_timeout 120s;
    keepalive_requests 1000000;
    server {{
        listen {plain} backlog=4096;
        listen {tls} ssl backlog=4096;
        ssl_certificate {folder}/certificate.pem;
        ssl_certificate_key {folder}/key.pem;
        default_type text/html;
        location /t/ {{ return 200 '{BODY}'; }}
    }}
}}
"""


def certify(folder: Path) -> Path:
    """Write a certificate for 127.0.0.1 and its key; the certificate of the authority."""
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    for place, part in enumerate(certificate.cert_chain_pems):
        part.write_to_path(folder / "certificate.pem", append=place > 0)
    trusted = folder / "authority.pem"
    authority.cert_pem.write_to_path(trusted)
    return trusted


def _lay_out(folder: Path, path: Path, settings: str) -> Path:
    """Write what nginx needs; the certificate of the authority."""
    folder.mkdir()
    path.write_text(settings, "ascii")
    return certify(folder)


@asynccontextmanager
async def target(folder: Path, core: int | None = None) -> AsyncIterator[Target]:
    """Run the target while the block lasts; its files go into the folder, which is made."""
    plain, tls = free_address(), free_address()
    path = folder / "nginx.conf"
    authority = _lay_out(folder, path, configuration(folder, plain, tls))
    command = (parts.NGINX, "-p", folder, "-c", path, "-e", folder / "error.log")
    libraries = {"LD_LIBRARY_PATH": str(parts.LIBRARIES)}
    async with program(command, folder / "nginx.log", core=core, environment=libraries) as nginx:
        await nginx.answers(f"http://{plain}/t/0", 10)
        seen = Log(folder / "access.log")
        yield Target(plain, tls, authority, seen)
