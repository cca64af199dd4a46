"""A blackbox.yml: taken as it is, and each mistake in it said with file, line and key."""

from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from evidenced.config.blackbox.base import Regexp
from evidenced.config.blackbox.http import accepts
from evidenced.config.blackbox.load import load_blackbox
from evidenced.config.blackbox.model import Module
from evidenced.config.problem import ConfigError

EXAMPLE = r"""
modules:
  http_2xx: {prober: http}
  http_post:
    prober: http
    timeout: 5s
    http:
      valid_http_versions: ["HTTP/1.1", "HTTP/2.0"]
      valid_status_codes: []
      method: POST
      headers: {X-Number: 7, Authorization: "Bearer ${NOT_A_VARIABLE}"}
      body: "{}"
      fail_if_header_not_matches: [{header: X-A, regexp: "(?i)^a", allow_missing: true}]
      fail_if_body_json_matches_cel: "body.foo == 'bar'"
      tls_config: {insecure_skip_verify: false}
      body_size_limit: 1MB
      preferred_ip_protocol: ip4
      basic_auth: {username: baker, password_file: password}
  irc:
    prober: tcp
    tcp:
      query_response:
        - send: "NICK prober"
        - {expect: "PING :([^ ]+)", send: "PONG ${1}"}
        - {expect: "^:[^ ]+ 001", labels: [{name: a, value: "${1}"}], starttls: true}
  icmp: {prober: icmp, timeout: 5s, icmp: {ttl: 5, dont_fragment: true}}
  dns:
    prober: dns
    dns: {query_name: a.example, query_type: MX, valid_rcodes: [NOERROR]}
  grpc: {prober: grpc, grpc: {service: oven, tls: true, metadata: {a: [b]}}}
  unix: {prober: unix}
  websocket: {prober: websocket, websocket: {headers: {Origin: [a]}}}
  empty: {prober: tcp, tcp: }
"""


def loaded(folder: Path, text: str) -> dict[str, Module]:
    (folder / "password").write_text("sesame\n", "utf-8")
    file = folder / "blackbox.yml"
    file.write_text(text, "utf-8")
    return load_blackbox(file).modules


def test_a_file_as_people_have_it(tmp_path: Path) -> None:
    modules = loaded(tmp_path, EXAMPLE)
    assert len(modules) == 9
    http = modules["http_post"].http
    assert (http.method, http.body_size_limit, http.follows) == ("POST", 1024**2, True)
    assert http.headers["X-Number"] == "7"
    assert http.headers["Authorization"] == "Bearer ${NOT_A_VARIABLE}"
    assert http.basic_auth is not None
    assert http.basic_auth.password is not None
    assert http.basic_auth.password.reveal() == "sesame"
    assert modules["irc"].tcp.query_response[1].send == "PONG ${1}"
    assert modules["icmp"].icmp.ttl == 5
    assert modules["dns"].timeout == 0


def test_an_empty_list_of_modules(tmp_path: Path) -> None:
    assert loaded(tmp_path, "modules:\n") == {}


def in_module(prober: str, keys: str) -> str:
    return f"modules:\n  m:\n    prober: {prober}\n    {prober}:\n      {keys}\n"


def _mistakes() -> list[tuple[str, str]]:
    """The pairs of a file and what is said of it."""
    page = (Path(__file__).parent / "blackbox_mistakes.md").read_text("utf-8")
    fences = [token for token in MarkdownIt().parse(page) if token.type == "fence"]
    assert [token.info for token in fences] == ["yaml", "text"] * (len(fences) // 2)
    return [(w.content, said.content) for w, said in zip(fences[::2], fences[1::2], strict=True)]


@pytest.mark.parametrize(
    ("text", "lines"), _mistakes(), ids=[said.partition(":")[2][:60] for _, said in _mistakes()]
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, lines: str) -> None:
    with pytest.raises(ConfigError) as error:
        loaded(tmp_path, text)
    said = str(error.value).replace(f"{tmp_path}/blackbox.yml:", "")
    assert said.replace(str(tmp_path), "FOLDER").splitlines() == lines.splitlines()
    assert "sesame" not in said


def test_all_mistakes_are_said_at_once(tmp_path: Path) -> None:
    text = in_module("http", "{fail_if_ssl: maybe, method: ''}") + "  n: {prober: x}\n"
    with pytest.raises(ConfigError) as error:
        loaded(tmp_path, text)
    assert [problem.line for problem in error.value.problems if not isinstance(problem, str)] == [
        5,
        5,
        6,
    ]


@pytest.mark.parametrize(
    ("header", "encoding", "good"),
    [
        ("", "gzip", True),
        ("gzip", "gzip", True),
        ("br, gzip", "gzip", True),
        ("*", "gzip", True),
        ("gzip;q=0", "gzip", False),
        ("gzip;q=0.0, *", "gzip", False),
        ("*;q=0", "gzip", False),
        ("br; q=1, gzip; q=0.1", "gzip", True),
        ("br", "gzip", False),
    ],
)
def test_accepted_encodings(header: str, encoding: str, good: bool) -> None:
    assert accepts(header, encoding) is good


@pytest.mark.parametrize(
    ("pattern", "text", "template", "found"),
    [
        ("PING :([^ ]+)", "PING :yeast42", "PONG ${1}", "PONG yeast42"),
        (r"(?P<a>\w+)-(\w+)", "rye-oat", "$a ${2} $0 $$1 $9 ${none}", "rye oat rye-oat $1  "),
        ("(x)?y", "y", "[${1}]", "[]"),
        ("y", "n", "${0}", None),
    ],
)
def test_groups_in_texts(pattern: str, text: str, template: str, found: str | None) -> None:
    expanded = Regexp(pattern).expanded(text, template)
    assert expanded == (None if found is None else [found])


def test_secrets_are_not_in_what_is_printed(tmp_path: Path) -> None:
    text = in_module(
        "http",
        "{bearer_token: sesame, headers: {X: sesame}, body: sesame, "
        "http_headers: {Y: {values: [sesame]}}}",
    )
    assert "sesame" not in repr(loaded(tmp_path, text))
