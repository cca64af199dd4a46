from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from evidenced.config.load import ConfigError, load
from evidenced.config.model import Config
from evidenced.config.types import Secret

Loads = Callable[..., Config]
Refuses = Callable[..., list[str]]

LEDGER = "ledger: {path: STATE.md, base_url: https://bakery.example}\n"


def test_the_smallest_configuration_has_all_defaults(loads: Loads, tmp_path: Path) -> None:
    config = loads("ledger: {path: STATE.md}")
    assert config.ledger.path == tmp_path / "STATE.md"
    assert config.ledger.repository == tmp_path
    assert config.listen == "127.0.0.1:9321"
    assert config.defaults.interval == 60
    assert config.defaults.timeout == 10
    assert config.defaults.retry.on == ("connect", "timeout", "5xx")
    assert config.checks == ()
    assert config.tokens.admin is None


def test_a_whole_check_is_read(loads: Loads) -> None:
    config = loads(
        LEDGER
        + """
checks:
- name: bread
  claims: bread-page
  interval: 30s
  retry: {attempts: 1, on: 503}
  labels: {team: kitchen}
  http:
    url: /bread?day=today
    method: HEAD
    headers: {X-Oven: '3'}
    follow_redirects: 2
    body_limit: 64KiB
    expect:
      status: [200, 3xx]
      body: {contains: Rye, matches: 'v\\d'}
      json: {$.a: 1, $.b: {length: {ge: 1}}, $.c: null, $.d: [x, y]}
      header: {Server: {exists: false}}
      latency: 1s500ms
"""
    )
    (check,) = config.checks
    assert check.claims == ("bread-page",)
    assert check.retry
    assert check.retry.on == ("503",)
    http = check.http
    assert http
    assert http.follow_redirects == 2
    assert http.body_limit == 65536
    assert http.expect.status == ("200", "3xx")
    assert http.expect.body
    assert http.expect.body.matches[0].found_in("v1")
    conditions = {path.source: condition for path, condition in http.expect.json_.items()}
    assert conditions["$.a"].eq == 1
    assert conditions["$.b"].length
    assert conditions["$.b"].length.ge == 1
    assert conditions["$.c"].model_fields_set == {"eq"}
    assert conditions["$.d"].eq == ["x", "y"]
    assert http.expect.latency == 1.5
    assert check.kind == "http"
    assert check.settings is http


def test_two_loads_of_one_file_are_equal_and_a_change_is_seen(loads: Loads) -> None:
    text = LEDGER + (
        "checks:\n- {name: a, http: {url: /, expect: {json: {$.a: 1}}}}\n"
        "- {name: b, http: {url: /}}\n"
    )
    first, second, third = loads(text), loads(text), loads(text.replace("$.a: 1", "$.a: true"))
    assert first == second
    assert first is not second
    assert [left == right for left, right in zip(first.checks, third.checks, strict=True)] == [
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "the file is empty, expected at least the section ledger"),
        (b"# nothing\n", "the file is empty, expected at least the section ledger"),
        (b"a: 1\nb: \xe9\n", "found bytes that are not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "evidenced.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError) as error:
        load(path)
    place = f"{path}:2" if b"\xe9" in (content or b"") else str(path)
    assert str(error.value) == f"{place}: {message}"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        load(tmp_path)
    assert str(error.value) == f"{tmp_path}: cannot be read: Is a directory"


def test_a_byte_order_mark_and_crlf_are_read(tmp_path: Path) -> None:
    path = tmp_path / "evidenced.yaml"
    path.write_bytes(b"\xef\xbb\xbfledger:\r\n  path: STATE.md\r\nlisten: ':0'\r\n")
    assert load(path).listen == ":0"


def test_variables_do_for_numbers_durations_and_truth_values(loads: Loads) -> None:
    text = """
ledger: {path: "${DOCS}/STATE.md", base_url: "https://${HOST}", derive: "${DERIVE}"}
concurrency: ${CONCURRENCY:-7}
defaults: {interval: "${INTERVAL}", retry: {attempts: "${ATTEMPTS}", on: "${ON}"}}
checks:
- name: ${NAME}
  http:
    url: /
    follow_redirects: ${FOLLOW}
    body_limit: ${LIMIT}
    auth: {token: "${TOKEN}"}
    expect: {status: "${STATUS}", json: {$.n: {ge: "${NUMBER}", eq: "${NUMBER}"}}}
"""
    environ = {
        "DOCS": "/srv/docs", "HOST": "bakery.example", "DERIVE": "true", "INTERVAL": "90s",
        "ATTEMPTS": "2", "ON": "503", "NAME": "rye", "FOLLOW": "false", "LIMIT": "2048",
        "TOKEN": "swordfish", "STATUS": "204", "NUMBER": "1.5",
    }  # fmt: skip
    config = loads(text, environ)
    assert config.ledger.path == Path("/srv/docs/STATE.md")
    assert config.ledger.derive is True
    assert config.concurrency == 7
    assert config.defaults.interval == 90
    assert config.defaults.retry.attempts == 2
    assert config.defaults.retry.on == ("503",)
    http = config.checks[0].http
    assert http
    assert http.follow_redirects is False
    assert http.body_limit == 2048
    assert http.auth
    assert http.auth.token == Secret("swordfish")
    assert http.expect.status == ("204",)
    (condition,) = http.expect.json_.values()
    assert (condition.ge, condition.eq) == (1.5, "1.5")


def test_variables_come_from_the_process_where_no_others_are_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVIDENCED_TEST_PLACE", "oven-1")
    path = tmp_path / "evidenced.yaml"
    path.write_text("ledger: {path: STATE.md}\nlocation: ${EVIDENCED_TEST_PLACE}\n")
    assert load(path).location == "oven-1"


def test_relative_paths_begin_at_the_folder_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "etc"
    folder.mkdir()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    (folder / "password").write_text("swordfish\n")
    (folder / "evidenced.yaml").write_text("""
ledger: {path: ../docs/STATE.md, repository: .., base_url: https://bakery.example}
checks:
- name: rye
  http:
    url: /
    tls: {ca_file: ca.pem}
    auth: {username: baker, password_file: password}
tokens: {admin_file: password}
""")
    monkeypatch.chdir(tmp_path)
    config = load(Path("etc/evidenced.yaml"))
    assert config.ledger.path == folder / "../docs/STATE.md"
    assert config.ledger.repository == folder / ".."
    http = config.checks[0].http
    assert http
    assert http.tls.ca_file == folder / "ca.pem"
    assert http.auth
    assert http.auth.password_file == folder / "password"
    assert http.auth.password == Secret("swordfish")
    assert config.tokens.admin_file == folder / "password"
    assert config.tokens.admin == Secret("swordfish")


def test_a_changed_secret_changes_the_check_that_uses_it(loads: Loads, tmp_path: Path) -> None:
    text = LEDGER + (
        "checks:\n- {name: a, http: {url: /, auth: {token_file: token}}}\n"
        "- {name: b, http: {url: /}}\n"
    )
    (tmp_path / "token").write_text("first")
    before = loads(text)
    (tmp_path / "token").write_text("second")
    after = loads(text)
    assert before.checks[0] != after.checks[0]
    assert before.checks[1] == after.checks[1]


def test_a_secret_that_may_not_be_read_is_told(refuses: Refuses, tmp_path: Path) -> None:
    (tmp_path / "token").mkdir()
    (line,) = refuses(LEDGER + "tokens: {admin_file: token}")
    assert line == (
        "evidenced.yaml:2: tokens.admin_file: found 'token', expected a readable file with a "
        f"secret in it: Is a directory (looked up from {tmp_path})"
    )


def test_credentials_of_the_service_manager_are_read(loads: Loads, tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "admin").write_text("swordfish")
    config = loads(
        LEDGER + "tokens: {admin_file: '${CREDENTIALS_DIRECTORY}/admin'}",
        {"CREDENTIALS_DIRECTORY": str(credentials)},
    )
    assert config.tokens.admin == Secret("swordfish")


def test_many_problems_are_cut_short(refuses: Refuses) -> None:
    lines = refuses(LEDGER + "checks:\n" + "- {name: 5}\n" * 250)
    assert len(lines) == 101
    assert lines[-1] == "and 150 more problems"


def test_names_that_differ_in_case_are_different(loads: Loads) -> None:
    text = LEDGER + "checks: [{name: rye, http: {url: /}}, {name: Rye, http: {url: /}}]"
    assert [check.name for check in loads(text).checks] == ["rye", "Rye"]


def test_ten_thousand_checks_are_read_with_their_lines(refuses: Refuses) -> None:
    checks = "".join(f"- name: rye-{n}\n  http: {{url: /rye/{n}}}\n" for n in range(10_000))
    lines = refuses(f"{LEDGER}checks:\n{checks}- name: rye-9999\n  http: {{url: /}}\n")
    assert lines == [
        (
            "evidenced.yaml:20003: checks[10000] (rye-9999).name: found 'rye-9999' again, "
            "after checks[9999], expected another name"
        )
    ]
