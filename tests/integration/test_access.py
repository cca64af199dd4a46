"""Who gets into a running daemon: over TLS, with passwords, tokens and certificates."""

import asyncio
import json
import os
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import bcrypt
import pytest
import trustme
import uvloop
import yaml
from structlog.testing import capture_logs

from command_line import beside
from evidenced.app.daemon import Daemon
from evidenced.app.life import running

ROOT = Path(__file__).parents[2]
CURL = ROOT / ".parts/root/usr/bin/curl"
LIBRARIES = ROOT / ".parts/root/usr/lib/x86_64-linux-gnu"
PASSWORD, TOKEN, ADMIN, PUSH = "bottom bracket", "dashboard-token-0001", "admin-token", "push-token"
HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
USERS = {"basic_auth_users": {"mechanic": HASH}}
USER = f"mechanic:{PASSWORD}"
WAIT = 20

Configured = Callable[..., Path]
WaitFor = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Files:
    """An authority, and a certificate of it for localhost."""

    folder: Path
    authority: trustme.CA

    def issue(self, name: str = "server", *names: str) -> dict[str, str]:
        """Write a certificate and its key; their paths."""
        found = self.authority.issue_cert(*(names or ("localhost", "127.0.0.1")))
        certificate, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        certificate.write_bytes(b"".join(pem.bytes() for pem in found.cert_chain_pems))
        key.write_bytes(found.private_key_pem.bytes())
        return {"cert_file": str(certificate), "key_file": str(key)}

    @property
    def ca(self) -> str:
        file = self.folder / "ca.crt"
        self.authority.cert_pem.write_to_path(str(file))
        return str(file)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path, trustme.CA())


async def curl(*arguments: str) -> tuple[int, str]:
    """The exit status of curl and what it wrote: the body, then the status of HTTP."""
    process = await asyncio.create_subprocess_exec(
        CURL,
        *("--silent", "--show-error", "--max-time", "20", "--noproxy", "*"),
        *("--write-out", "\n%{http_code}", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "LD_LIBRARY_PATH": str(LIBRARIES)},
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def status(*arguments: str) -> int:
    """The status of HTTP that curl got; 0 for none."""
    return int((await curl(*arguments))[1].rpartition("\n")[2])


def at(daemon: Daemon, path: str, scheme: str = "http") -> str:
    return f"{scheme}://localhost:{daemon.address[1]}{path}"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Any
    text: str


async def ask(
    daemon: Daemon, path: str, authorization: str = "", method: str = "GET", **more: object
) -> Answer:
    headers = {"Authorization": authorization} if authorization else {}
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, at(daemon, path), headers=headers, **more) as response,  # type: ignore[arg-type]  # of aiohttp
    ):
        return Answer(response.status, response.headers, await response.text())


def basic(name: str, password: str) -> str:
    return aiohttp.encode_basic_auth(name, password)


async def test_a_web_config_of_prometheus_is_read_as_it_is(
    configured: Configured, files: Files
) -> None:
    names = {key: Path(file).name for key, file in files.issue().items()}
    web = {
        "tls_server_config": names | {"min_version": "TLS13"},
        "http_server_config": {"http2": True, "headers": {"X-Frame-Options": "deny"}},
        **USERS,
    }
    (files.folder / "web.yml").write_text(yaml.safe_dump(web))
    async with running(configured(web={"config_file": "web.yml"})) as daemon:
        metrics = at(daemon, "/metrics", "https")
        trusting = ("--cacert", files.ca)
        left, out = await curl(*trusting, "--user", USER, "--include", metrics)
        assert (left, out.rpartition("\n")[2]) == (0, "200")
        assert "evidenced_build_info" in out
        assert "x-frame-options: deny" in out.lower()
        assert await status(*trusting, metrics) == 401
        assert await status(*trusting, "--user", "mechanic:wrong", metrics) == 401
        assert await status(*trusting, at(daemon, "/-/healthy", "https")) == 200
        assert (await curl("--user", USER, metrics))[0] == 60, "an authority nobody trusts"
        assert (await curl(*trusting, "--tls-max", "1.2", metrics))[0] == 35
        assert await status(at(daemon, "/metrics")) == 0, "no HTTP where TLS is"


async def test_prometheus_scrapes_with_a_password_over_tls(
    configured: Configured, files: Files, start_prometheus: Callable[..., Any], wait_for: WaitFor
) -> None:
    web = {"tls_server_config": files.issue(), **USERS}
    scrape = {
        "scheme": "https",
        "tls_config": {"ca_file": files.ca},
        "basic_auth": {"username": "mechanic", "password": PASSWORD},
    }
    async with (
        running(configured(web=web)) as daemon,
        start_prometheus([f"localhost:{daemon.address[1]}"], "500ms", scrape=scrape) as prometheus,
    ):

        async def up() -> bool:
            found = await prometheus.query("up == 1 and on(instance) evidenced_build_info")
            return len(found) == 1

        await wait_for(up, WAIT)


async def test_a_certificate_is_asked_for_and_its_names_are_looked_at(
    configured: Configured, files: Files
) -> None:
    allowed, other = files.issue("allowed", "robot.example"), files.issue("other", "cat.example")
    tls = files.issue() | {
        "client_ca_file": files.ca,
        "client_auth_type": "RequireAndVerifyClientCert",
        "client_allowed_sans": ["robot.example"],
    }
    async with running(configured(web={"tls_server_config": tls})) as daemon:
        url, trusting = at(daemon, "/metrics", "https"), ("--cacert", files.ca)

        def showing(pair: dict[str, str]) -> tuple[str, ...]:
            return (*trusting, "--cert", pair["cert_file"], "--key", pair["key_file"])

        assert (await curl(*trusting, url))[0] != 0
        assert await status(*showing(allowed), url) == 200
        assert await status(*showing(other), url) == 403
        stranger = Files(files.folder, trustme.CA()).issue("stranger", "robot.example")
        assert (await curl(*showing(stranger), url))[0] != 0


async def test_a_certificate_is_read_again_when_it_changes(
    configured: Configured, files: Files, wait_for: WaitFor
) -> None:
    async with running(configured(web={"tls_server_config": files.issue()})) as daemon:
        address = ("localhost", daemon.address[1])

        def served() -> str:
            return ssl.get_server_certificate(address, timeout=10)

        before = await asyncio.to_thread(served)
        async with aiohttp.ClientSession() as session:
            context = ssl.create_default_context(cafile=files.ca)
            url = at(daemon, "/-/healthy", "https")
            async with session.get(url, ssl=context) as response:
                assert response.status == 200
            files.issue()

            async def renewed() -> bool:
                return await asyncio.to_thread(served) != before

            await wait_for(renewed, WAIT)
            # The connection that was open is not cut.
            async with session.get(url, ssl=context) as response:
                assert response.status == 200
        good = await asyncio.to_thread(served)
        with capture_logs() as logs:
            (files.folder / "server.key").write_text("no key")

            async def noticed() -> bool:
                return any("not taken over" in entry["event"] for entry in logs)

            await wait_for(noticed, WAIT)
        assert await asyncio.to_thread(served) == good


async def test_users_change_without_a_restart(
    configured: Configured, files: Files, wait_for: WaitFor
) -> None:
    file = files.folder / "web.yml"
    file.write_text(yaml.safe_dump(USERS))
    async with running(configured(web={"config_file": "web.yml"})) as daemon:
        old, new = basic("mechanic", PASSWORD), basic("saddler", "leather")
        assert (await ask(daemon, "/metrics", old)).status == 200
        assert (await ask(daemon, "/metrics", new)).status == 401
        hashed = bcrypt.hashpw(b"leather", bcrypt.gensalt(4)).decode()
        file.write_text(yaml.safe_dump({"basic_auth_users": {"saddler": hashed}}))

        async def exchanged() -> bool:
            return (await ask(daemon, "/metrics", old)).status == 401

        # What was remembered of a user goes with the user.
        await wait_for(exchanged, WAIT, 1.0)
        assert (await ask(daemon, "/metrics", new)).status == 200
        file.write_text("basic_auth_users: {saddler: leather}")

        async def refused() -> bool:
            metrics = (await ask(daemon, "/metrics", new)).text
            return "evidenced_config_last_reload_successful 0.0" in metrics

        await wait_for(refused, WAIT)


GUARDED: dict[str, dict[str, Any]] = {
    "web": {**USERS, "bearer_tokens": {"dashboard": TOKEN}},
    "tokens": {"admin": ADMIN, "push": PUSH},
}
BEARER = {
    name: f"Bearer {token}"
    for name, token in (("dashboard", TOKEN), ("admin", ADMIN), ("push", PUSH), ("wrong", "x"))
}
WHO = {"nobody": "", "user": basic("mechanic", PASSWORD), **BEARER}
# Who asks, in this order:      nobody user dashboard admin push wrong
LAYERS: list[tuple[str, str, list[int]]] = [
    ("GET", "/metrics", [401, 200, 200, 200, 401, 401]),
    ("GET", "/", [401, 200, 200, 200, 401, 401]),
    ("GET", "/api/v1/claims", [401, 200, 200, 200, 401, 401]),
    ("GET", "/rules", [401, 200, 200, 200, 401, 401]),
    ("GET", "/probe", [401, 400, 400, 400, 401, 401]),
    ("GET", "/nothing", [401, 404, 404, 404, 401, 401]),
    ("DELETE", "/metrics", [401, 405, 405, 405, 401, 401]),
    ("GET", "/-/healthy", [200, 200, 200, 200, 200, 200]),
    ("POST", "/-/reload", [401, 401, 401, 200, 401, 401]),
    ("POST", "/api/v1/maintenance", [401, 401, 401, 415, 401, 401]),
    ("POST", "/api/v1/push/cart", [401, 401, 401, 401, 404, 401]),
]


@pytest.mark.parametrize(
    ("method", "path", "expected"), LAYERS, ids=[f"{m} {p}" for m, p, _ in LAYERS]
)
async def test_web_says_who_reads_and_tokens_who_changes(
    configured: Configured, method: str, path: str, expected: list[int]
) -> None:
    async with running(configured(**GUARDED)) as daemon:
        found = [(await ask(daemon, path, shown, method)).status for shown in WHO.values()]
    assert dict(zip(WHO, found, strict=True)) == dict(zip(WHO, expected, strict=True))


async def test_what_changes_something_is_never_open(configured: Configured) -> None:
    public = ["status", "badges", "metrics", "api", "probe", "health"]
    web = {**GUARDED["web"], "public": public}
    async with running(configured(**(GUARDED | {"web": web}))) as daemon:
        routes = [
            (route.method, route.resource.canonical)
            for route in daemon.site().application().router.routes()
            if route.resource is not None
        ]
        changing = [route for route in routes if route[0] not in ("GET", "HEAD")]
        assert ("POST", "/-/reload") in changing
        assert len(changing) >= 6
        for method, path in changing:
            answer = await ask(daemon, path.replace("{", "").replace("}", ""), "", method)
            assert answer.status == 401, (method, path)
        reading = [path for method, path in routes if method == "GET" and "{" not in path]
        for path in reading:
            if path == "/events":
                continue
            assert (await ask(daemon, path)).status != 401, path


async def test_without_web_all_is_as_open_as_it_was(configured: Configured) -> None:
    async with running(configured()) as daemon:
        assert (await ask(daemon, "/metrics")).status == 200
        assert (await ask(daemon, "/api/v1/claims")).status == 200
        assert (await ask(daemon, "/-/reload", "", "POST")).status == 403


async def test_guessing_ends_while_those_who_are_known_get_in(configured: Configured) -> None:
    async with running(configured(**GUARDED)) as daemon:
        assert (await ask(daemon, "/metrics", WHO["user"])).status == 200
        guesses = [await ask(daemon, "/metrics", basic("mechanic", f"{n}")) for n in range(12)]
        found = [guess.status for guess in guesses]
        assert found[:10] == [401] * 10
        assert found[10:] == [429] * 2
        assert 1 <= int(guesses[-1].headers["Retry-After"]) <= 6
        assert (await ask(daemon, "/metrics", basic("saddler", PASSWORD))).status == 429
        assert (await ask(daemon, "/-/reload", WHO["wrong"], "POST")).status == 429
        for who in ("user", "dashboard", "admin"):
            assert (await ask(daemon, "/metrics", WHO[who])).status == 200, who
        assert (await ask(daemon, "/metrics")).status == 401


async def test_what_costs_is_had_only_so_often(configured: Configured) -> None:
    web = {"rate_limit": {"interval": "1h", "burst": 7}}
    async with running(configured(web=web)) as daemon:
        assert (await ask(daemon, "/api/v1/checks")).status == 200
        assert (await ask(daemon, "/probe")).status == 400
        assert (await ask(daemon, "/probe")).status == 400
        refused = await ask(daemon, "/probe")
        assert refused.status == 429
        assert json.loads(refused.text)["status"] == 429
        assert int(refused.headers["Retry-After"]) > 3000
        assert (await ask(daemon, "/metrics")).status == 200
        assert (await ask(daemon, "/-/ready")).status == 200


async def raw(daemon: Daemon, text: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", daemon.address[1])
    try:
        writer.write(text)
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("request_text", "code"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nBad Header\r\n\r\n", b"400"),
        (b"hello\r\n\r\n", b"400"),
        (b"GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"404"),
        (b"PUT /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"405"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nExpect: cake\r\nConnection: close\r\n\r\n", b"417"),
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
    ],
    ids=["header", "no-http", "path", "method", "expect", "long"],
)
async def test_no_answer_tells_of_the_software(
    configured: Configured, request_text: bytes, code: bytes
) -> None:
    async with running(configured()) as daemon:
        answer = await raw(daemon, request_text)
    head, _, body = answer.lower().partition(b"\r\n\r\n")
    assert head.split(b" ")[1] == code
    assert b"server: evidenced\r\n" in head + b"\r\n"
    for word in (b"aiohttp", b"python", b"traceback", b".py"):
        assert word not in head + body


async def test_who_can_be_reached_from_elsewhere_is_told_once(configured: Configured) -> None:
    with capture_logs() as logs:
        async with running(configured(listen="0.0.0.0:0")) as daemon:
            await daemon.in_force.reload()
    said = [entry for entry in logs if "everyone who reaches" in entry["event"]]
    assert [entry["log_level"] for entry in said] == ["warning"]
    with capture_logs() as logs:
        async with running(configured(listen="0.0.0.0:0", web=USERS)):
            pass
    assert not [entry for entry in logs if "everyone who reaches" in entry["event"]]


async def test_the_commands_show_what_the_daemon_asks_for(
    configured: Configured, files: Files
) -> None:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    tls = files.issue("server", "localhost") | {
        "client_ca_file": files.ca,
        "client_auth_type": "RequireAndVerifyClientCert",
    }
    client = files.issue("client", "robot.example")
    web = {"tls_server_config": tls, "bearer_tokens": {"dashboard": TOKEN}}
    path = configured(**(GUARDED | {"web": web}), listen=f"127.0.0.1:{port}")
    shown: dict[str, str] = {}

    async def run(*arguments: str) -> tuple[int, str]:
        ran = await beside(*arguments, cwd=path.parent, **shown)
        return ran.status, ran.out + ran.err

    here = ("-c", str(path))
    async with running(path):
        assert (await run("maintenance", "list", *here))[0] == 1, "no certificate is shown"
        shown["EVIDENCED_CERT_FILE"] = client["cert_file"]
        shown["EVIDENCED_KEY_FILE"] = client["key_file"]
        assert await run("maintenance", "list", *here) == (0, "nothing is in maintenance\n")
        left, said = await run("maintenance", "start", "cart", "--for", "5m", "--why", "x", *here)
        assert left == 0, said
        elsewhere = ("--url", f"https://localhost:{port}")
        left, said = await run("maintenance", "list", *elsewhere)
        assert (left, "no answer" in said) == (1, True), "an authority nobody trusts"
        shown["EVIDENCED_CA_FILE"] = files.ca
        left, said = await run("maintenance", "list", *elsewhere)
        assert (left, "refused: 401" in said) == (1, True)
        shown["EVIDENCED_TOKEN"] = TOKEN
        assert "cart" in (await run("maintenance", "list", *elsewhere))[1]
        shown["EVIDENCED_CA_FILE"] = str(files.folder / "gone")
        left, said = await run("maintenance", "list", *elsewhere)
        assert (left, "EVIDENCED_CA_FILE" in said) == (2, True)


def test_the_same_under_uvloop(configured: Configured, files: Files) -> None:
    path = configured(web={"tls_server_config": files.issue(), **USERS})

    async def run() -> list[int]:
        async with running(path) as daemon:
            url, trusting = at(daemon, "/metrics", "https"), ("--cacert", files.ca)
            found = [await status(*trusting, "--user", USER, url), await status(*trusting, url)]
            files.issue()
            await daemon.in_force.reload()
            return [*found, await status(*trusting, "--user", USER, url)]

    assert uvloop.run(run()) == [200, 401, 200]
