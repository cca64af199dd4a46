"""docs/proxy.md: a real nginx and a real Caddy with what it shows, before a real daemon."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
import yaml

from docs.blocks import blocks
from docs.living import Life
from docs.programs import listens, process, until
from docs.terminal import Terminal, shell_environment
from ports import free_port

PAGE = "docs/proxy.md"
HOST = "evidence.shop.example"
AROUND = """\
daemon off; master_process off; pid nginx.pid; error_log nginx.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    {0}
}}
"""
"""What Debian's nginx.conf has around a file in conf.d, kept within a folder."""

REPORT = f"<testsuite tests='1'><testcase name='a'/><!--{'x' * 3_000_000}--></testsuite>"


@dataclass(frozen=True, slots=True)
class Proxied:
    """A daemon, and the port at which a proxy before it shall listen."""

    folder: Path
    daemon: int
    port: int
    terminal: Terminal

    def ask(self, path: str, *options: str) -> str:
        """What the proxy answers: the body, and then the status."""
        curl = f"curl -sS -w '%{{http_code}}' {' '.join(options)} https://{HOST}{path}"
        return self.terminal.run(self.by_proxy(curl)).out

    def by_proxy(self, line: str) -> str:
        """A line of curl that finds the proxy under its name."""
        way = f"--connect-to {HOST}:443:127.0.0.1:{self.port} --cacert ca.pem"
        return line.replace("curl ", f"curl {way} ", 1)


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[Proxied]:
    (shown,) = blocks(PAGE, "yaml")
    daemon, port = free_port(), free_port()
    config = yaml.safe_load(shown.text)
    assert config["listen"] == "127.0.0.1:9321"
    config |= {
        "listen": f"127.0.0.1:{daemon}",
        "ledger": {"path": "STATE.md"},
        "tokens": {"push": "swordfish"},
        "checks": [{"name": "tests", "push": {"every": "1d"}}],
    }
    (tmp_path / "evidenced.yaml").write_text(json.dumps(config), "utf-8")
    (tmp_path / "STATE.md").write_text("## CLOSED\n\n## STABLE\n\n- **Tea**: it is hot\n", "utf-8")
    (tmp_path / "report.xml").write_text(REPORT, "utf-8")
    authority = trustme.CA()
    issued = authority.issue_cert(HOST)
    (tmp_path / "evidence.crt").write_bytes(issued.cert_chain_pems[0].bytes())
    (tmp_path / "evidence.key").write_bytes(issued.private_key_pem.bytes())
    (tmp_path / "ca.pem").write_bytes(authority.cert_pem.bytes())
    (tmp_path / "evidenced.users").write_text("baker:{PLAIN}rye\n", "utf-8")
    with Life.begin() as life:
        life.daemon(tmp_path / "evidenced.yaml")
        yield Proxied(tmp_path, daemon, port, Terminal(tmp_path))


@contextmanager
def nginx(proxied: Proxied, text: str) -> Iterator[None]:
    """nginx with this file in its conf.d, but for its port and its paths."""
    text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{proxied.port} ssl")
    text = text.replace("127.0.0.1:9321", f"127.0.0.1:{proxied.daemon}")
    text = re.sub(r"/etc/(ssl|nginx)/", f"{proxied.folder}/", text)
    (proxied.folder / "nginx.conf").write_text(AROUND.format(text), "utf-8")
    words = ["nginx", "-e", "nginx.log", "-p", f"{proxied.folder}/", "-c", "nginx.conf"]
    checked = proxied.terminal.run(" ".join([*words, "-t"]))
    assert checked.status == 0, checked.out
    with process(words, proxied.folder, shell_environment(), proxied.folder / "nginx.out"):
        until(lambda: listens(proxied.port))
        yield


def test_nginx_as_it_is_shown(proxied: Proxied) -> None:
    first, _ = blocks(PAGE, "nginx")
    with nginx(proxied, first.text):
        assert "<title>" in proxied.ask("/")
        (script,) = blocks(PAGE, "sh")
        healthy, events = script.text.splitlines()
        assert proxied.terminal.run(proxied.by_proxy(healthy)).out == "evidenced is healthy.\n"
        # It goes on until curl's own deadline; what has come by then is an event.
        seen = proxied.terminal.run(proxied.by_proxy(events.replace("30", "1")))
        assert (seen.status, seen.out.startswith("retry: 3000\ndata: ")) == (28, True)
        assert pushed(proxied).endswith("202")


def test_nginx_that_knows_the_users(proxied: Proxied) -> None:
    _, second = blocks(PAGE, "nginx")
    with nginx(proxied, second.text):
        assert proxied.ask("/").endswith("401")
        assert proxied.ask("/", "-u baker:rye").endswith("200")
        assert proxied.ask("/-/healthy") == "evidenced is healthy.\n200"
        assert proxied.ask("/-/reload", "-X POST", "-u baker:rye").endswith("403")
        assert pushed(proxied).endswith("202")


def pushed(proxied: Proxied) -> str:
    token = "-H 'Authorization: Bearer swordfish' -H 'Content-Type: application/xml'"
    return proxied.ask("/api/v1/push/tests", token, "--data-binary @report.xml")


def test_caddy_as_it_is_shown(proxied: Proxied) -> None:
    (shown,) = blocks(PAGE, "caddyfile")
    assert shown.text.startswith(f"{HOST} {{\n")
    folder = proxied.folder
    (folder / "Caddyfile").write_text(shown.text, "utf-8")
    proxied.terminal.environment["HOME"] = str(folder)
    adapted = proxied.terminal.run("caddy adapt --adapter caddyfile --config Caddyfile")
    assert adapted.status == 0, adapted.out
    assert "warn" not in adapted.out.lower()
    # No certificate can be had here, and the port for changes of the configuration is left alone.
    text = shown.text.replace(HOST, f"http://127.0.0.1:{proxied.port}")
    text = text.replace("127.0.0.1:9321", f"127.0.0.1:{proxied.daemon}")
    (folder / "Caddyfile").write_text("{\n\tadmin off\n}\n" + text, "utf-8")
    words = ["caddy", "run", "--adapter", "caddyfile", "--config", "Caddyfile"]
    environment = shell_environment() | {"HOME": str(folder)}
    with process(words, folder, environment, folder / "caddy.log"):
        until(lambda: listens(proxied.port))
        here = f"http://127.0.0.1:{proxied.port}"
        assert "<title>" in proxied.terminal.run(f"curl -s {here}/").out
        seen = proxied.terminal.run(f"curl -sN --max-time 1 {here}/events")
        assert (seen.status, seen.out.startswith("retry: 3000\ndata: ")) == (28, True)
