import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidenced.config import targets
from evidenced.config.check import KINDS, CheckSettings
from evidenced.config.defaults import Defaults
from evidenced.config.load import read
from evidenced.config.model import Config
from evidenced.config.targets import Target, read_list
from evidenced.config.template import TargetError, Template

Loads = Callable[..., Config]
Refuses = Callable[..., list[str]]

LEDGER = "ledger: {path: STATE.md, base_url: https://bakery.example}\n"


def test_each_target_is_a_check_of_its_own(loads: Loads) -> None:
    config = loads(
        LEDGER
        + """
checks:
- name: before
  http: {url: /}
- name: bread
  claims: [bread-page]
  interval: 5m
  labels: {team: kitchen, grain: any}
  targets:
  - /rye
  - {target: 'https://u:swordfish@other.example/x?key=swordfish', labels: {grain: spelt}}
  http: {method: HEAD, expect: {status: 200}}
- name: after
  http: {url: /}
"""
    )
    names = ["before", "bread:/rye", "bread:https://other.example/x?key=…", "after"]
    assert [check.name for check in config.checks] == names
    rye, other = config.checks[1:3]
    assert (rye.claims, rye.interval, rye.kind) == (("bread-page",), 300, "http")
    assert rye.labels == {"team": "kitchen", "grain": "any"}
    assert other.labels == {"team": "kitchen", "grain": "spelt"}
    assert rye.written_as == other.written_as == "bread"
    assert rye.targets == ()
    assert other.http
    assert other.http.url == "https://u:swordfish@other.example/x?key=swordfish"
    assert (other.http.method, other.http.expect.status) == ("HEAD", ("200",))
    assert "swordfish" not in repr(config)


def test_two_loads_with_targets_are_equal(loads: Loads) -> None:
    text = LEDGER + "checks: [{name: a, targets: [/x, /y], http: {expect: {json: {$.a: 1}}}}]\n"
    first, second = loads(text), loads(text)
    changed = loads(text.replace("/y", "/z"))
    assert first.checks == second.checks
    assert [a == b for a, b in zip(first.checks, changed.checks, strict=True)] == [True, False]


TARGETS = {
    "http": ["/rye", "https://bakery.example/rye"],
    "tcp": ["bakery.example:25", "[::1]:25"],
    "tls": ["bakery.example:443", "10.0.0.7:443"],
    "grpc": ["bakery.example:50051", "oven:50051"],
    "websocket": ["wss://bakery.example/ws", "/ws"],
    "unix": ["/run/a.sock", "/run/b.sock"],
    "dns": ["bakery.example", "shop.bakery.example"],
    "icmp": ["bakery.example", "10.0.0.7"],
    "prometheus": ["http://one.example:9090", "http://two.example:9090"],
    "systemd": ["nginx.service", "fail2ban.service"],
    "port": ["127.0.0.1:80", ":443"],
    "process": ["nginx", "postgres"],
    "file": ["/srv/a", "/srv/b"],
}
NEEDED = {"prometheus": ", query: up"}
KINDS_WITH_TARGETS = [kind for kind in KINDS if CheckSettings.settings_of(kind).target_key]


@pytest.mark.parametrize("kind", KINDS_WITH_TARGETS)
def test_every_kind_says_which_key_a_target_fills(loads: Loads, kind: str) -> None:
    written = TARGETS[kind]
    more = NEEDED.get(kind, "").removeprefix(", ")
    config = loads(
        f"{LEDGER}checks: [{{name: a, targets: {json.dumps(written)}, {kind}: {{{more}}}}}]\n"
    )
    settings = CheckSettings.settings_of(kind)
    key = settings.target_key
    assert key in settings.model_fields
    for target, check in zip(written, config.checks, strict=True):
        assert str(getattr(check.settings, key or "")).endswith(target)
        assert check.name.startswith("a:")
    assert len({check.name for check in config.checks}) == 2


@pytest.mark.parametrize("key", Defaults.model_fields)
def test_every_default_can_be_overridden_by_a_check(key: str) -> None:
    assert key in CheckSettings.model_fields


REFUSED = [
    pytest.param(
        "targets: [/rye], http: {url: /}",
        "http.url: found url beside targets, expected one of them",
        id="a target of its own",
    ),
    pytest.param(
        "discovery: {file: x.json}, http: {url: /}",
        "http.url: found url beside discovery, expected one of them",
        id="a target of its own beside discovery",
    ),
    pytest.param(
        "targets: [x], push: {every: 1d}",
        "targets: found targets, but checks of kind push have no target to fill in",
        id="a kind without a target",
    ),
    pytest.param(
        "targets: [], http: {}",
        "targets: found an empty list, expected at least one target",
        id="no target",
    ),
    pytest.param(
        "targets: [''], http: {}",
        "targets[0]: found '', expected a text that is not empty",
        id="an empty target",
    ),
    pytest.param(
        "targets: [/rye, 5], http: {}",
        "targets[1]: found 5, expected a text: '5', in quotes",
        id="a number",
    ),
    pytest.param(
        "targets: [/rye, 'ftp://u:swordfish@x/?k=swordfish'], http: {}",
        "targets[1]: found '…@x/?…', expected an address such as https://shop.example/login, or a "
        "path such as /login",
        id="what is no target",
    ),
    pytest.param(
        "targets: ['x:99999'], tcp: {}",
        "targets[0]: found 'x:99999', expected a port from 1 to 65535",
        id="a port out of range",
    ),
    pytest.param(
        "targets: [/rye, /rye], http: {}",
        "targets[1]: found '/rye' again, expected each target once; what is hidden of "
        "them does not tell two apart",
        id="a target twice",
    ),
    pytest.param(
        "targets: ['/?k=swordfish', '/?k=tunafish'], http: {}",
        "targets[1]: found '/?k=…' again, expected each target once; what is hidden of "
        "them does not tell two apart",
        id="targets that differ in a secret",
    ),
    pytest.param(
        "targets: [{target: /rye, labels: {kind: x}}], http: {}",
        "targets[0].labels.kind: found 'kind', expected a label that is not in use: check, kind, "
        "target, location and those that begin with __ are",
        id="a label that is in use",
    ),
    pytest.param(
        "targets: [{targt: /rye}], http: {}",
        "targets[0].target: missing, but needed: what fills in the key of the kind that names its "
        "target",
        id="an entry without a target",
    ),
    pytest.param(
        "discovery: {}, http: {}",
        "discovery: expected file, http or both",
        id="discovery of nothing",
    ),
    pytest.param(
        "discovery: {file: list.txt}, http: {}",
        "discovery.file: found 'list.txt', expected a file, or a pattern of files, that ends in "
        ".json, .yml or .yaml",
        id="a list of another format",
    ),
    pytest.param(
        "discovery: {http: [{url: /targets}]}, http: {}",
        "discovery.http[0].url: found '/targets', expected an address such as "
        "https://inventory.example/targets",
        id="a path instead of an address",
    ),
    pytest.param(
        "discovery: {http: [{url: 'https://a.example', refresh: 0s}]}, http: {}",
        "discovery.http[0].refresh: found '0s', expected a duration longer than 0s",
        id="a refresh without a pause",
    ),
    pytest.param(
        "targets: [/rye], http: {expect: {latency: 3}}",
        "http.expect.latency: found 3, expected a duration such as 500ms, 30s, 5m or 1d",
        id="a mistake in what all targets share, once",
    ),
]


@pytest.mark.parametrize(("written", "said"), REFUSED)
def test_what_is_wrong_is_said(refuses: Refuses, written: str, said: str) -> None:
    lines = refuses(f"{LEDGER}checks:\n- {{name: a, {written}}}\n")
    assert lines[0].startswith(f"evidenced.yaml:3: checks[0] (a).{said}")
    assert len(lines) <= 2
    assert "swordfish" not in "".join(lines)


def test_a_target_has_the_name_of_no_other_check(refuses: Refuses) -> None:
    lines = refuses(
        f"{LEDGER}checks:\n- {{name: 'a:/rye', http: {{url: /}}}}\n"
        "- {name: a, targets: [/rye], http: {}}\n"
    )
    assert lines == [
        (
            "evidenced.yaml:4: checks[1] (a).targets[0]: found 'a:/rye' again, after checks[0], "
            "expected another name"
        )
    ]


def test_a_path_needs_a_base(refuses: Refuses) -> None:
    lines = refuses("ledger: {path: x}\nchecks:\n- name: a\n  targets:\n  - /rye\n  http: {}\n")
    assert lines == [
        (
            "evidenced.yaml:5: checks[0] (a).targets[0]: found a path, expected an "
            "absolute address, "
            "or ledger.base_url to be set"
        )
    ]


def test_a_target_out_of_the_environment_is_not_shown(refuses: Refuses) -> None:
    lines = refuses(
        f"{LEDGER}checks:\n- {{name: a, targets: ['${{X}}'], http: {{}}}}\n", {"X": "swordfish"}
    )
    assert len(lines) == 1
    assert "swordfish" not in lines[0]


def template(folder: Path, kind: str = "http: {}") -> Template:
    path = folder / "evidenced.yaml"
    path.write_text(f"{LEDGER}checks: [{{name: a, discovery: {{file: '*.json'}}, {kind}}}]\n")
    found = read(path, {})
    assert found.config.checks == ()
    return found.templates[0]


@pytest.mark.parametrize(
    ("address", "labels", "url"),
    [
        ("https://x.example/a", {}, "https://x.example/a"),
        ("/a", {}, "/a"),
        ("x.example", {}, "http://x.example/"),
        ("x.example:8080", {"__scheme__": "https"}, "https://x.example:8080/"),
        ("[::1]:80", {"__metrics_path__": "/health?x=1"}, "http://[::1]:80/health?x=1"),
        ("https://x.example/a", {"__scheme__": "http"}, "https://x.example/a"),
    ],
)
def test_what_lists_for_prometheus_have_becomes_an_address(
    tmp_path: Path, address: str, labels: dict[str, str], url: str
) -> None:
    (check,) = template(tmp_path).found([Target(address, {**labels, "team": "a", "__x": "b"})])
    assert check.http
    assert check.http.url == url
    assert check.labels == {"team": "a"}


def test_names_are_stable_and_their_own(tmp_path: Path) -> None:
    found = template(tmp_path, "file: {}").found(
        [
            Target("/srv/a b"),
            Target("/srv/a b"),
            Target("/srv/a b", {"x": "1"}),
            Target("/" + "x" * 300),
        ]
    )
    names = [check.name for check in found]
    assert names[:2] == ["a:/srv/a_b", names[1]]
    assert names[1].startswith("a:/srv/a_b~")
    assert len(names[2]) == 200
    assert names[2].startswith("a:/xxx")
    again = template(tmp_path, "file: {}").found([Target("/" + "x" * 300)])
    assert again[0].name == names[2]


def test_a_target_of_a_list_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(TargetError) as error:
        template(tmp_path).found([Target("http://u:swordfish@x.example:99999/?k=swordfish")])
    assert str(error.value) == (
        "found '…@x.example:99999/?…', expected an address such as https://shop.example/login, or "
        "a path such as /login"
    )


GOOD = [
    pytest.param(b"[]", True, (), id="nothing"),
    pytest.param(b"", False, (), id="an empty file"),
    pytest.param(
        b'[{"targets": ["a:1", "b:2"], "labels": {"job": "x"}}, {"targets": ["c:3"]}]',
        True,
        (Target("a:1", {"job": "x"}), Target("b:2", {"job": "x"}), Target("c:3")),
        id="JSON",
    ),
    pytest.param(
        b"- targets: ['a:1']\n  labels:\n    __meta_x: y\n",
        False,
        (Target("a:1", {"__meta_x": "y"}),),
        id="YAML",
    ),
    pytest.param(b'\xef\xbb\xbf[{"targets": []}]', True, (), id="a byte order mark"),
    pytest.param(b'[{"targets": ["a"], "labels": null}]', True, (Target("a"),), id="null labels"),
]


@pytest.mark.parametrize(("content", "as_json", "found"), GOOD)
def test_a_list_is_read(content: bytes, as_json: bool, found: tuple[Target, ...]) -> None:
    assert read_list(content, as_json=as_json) == found


BAD = [
    (b"{}", True, "expected a list of groups with targets and labels"),
    (b"[", True, "line 1: not readable as JSON: Expecting value"),
    (b"[" * 100_000, True, "nested too deeply"),
    (b"\xff", True, "not UTF-8"),
    (b"- a: [", False, "not readable as YAML"),
    (b"[5]", True, "[0]: expected a mapping with targets and labels"),
    (b'[{"targets": ["a"], "lables": {}}]', True, "[0]: found another key than targets and labels"),
    (b'[{"labels": {}}]', True, "[0].targets: expected a list"),
    (b'[{"targets": "a"}]', True, "[0].targets: expected a list"),
    (b'[{"targets": ["a", 5]}]', True, "[0].targets[1]: expected a text of 1 to 2048 characters"),
    (b'[{"targets": [""]}]', True, "[0].targets[0]: expected a text of 1 to 2048 characters"),
    (b'[{"targets": ["' + b"x" * 3000 + b'"]}]', True, "[0].targets[0]: expected a text of 1 to"),
    (b'[{"targets": [], "labels": []}]', True, "[0].labels: expected a mapping"),
    (b'[{"targets": [], "labels": {"a": 1}}]', True, "[0].labels: expected texts of at most 2048"),
    (b'[{"targets": [], "labels": {"a-b": ""}}]', True, "[0].labels: expected label names of"),
    (b"- targets: [a]\n  targets: [b]\n", False, "line 2: found the key a second time"),
]


@pytest.mark.parametrize(("content", "as_json", "said"), BAD, ids=[said[:40] for *_, said in BAD])
def test_a_bad_list_is_one_clear_line(content: bytes, as_json: bool, said: str) -> None:
    with pytest.raises(ValueError, match=r"^(?!.*\n)") as error:
        read_list(content, as_json=as_json)
    assert said in str(error.value)


def test_lists_have_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = json.dumps([{"targets": ["a"], "labels": {f"l{n}": "" for n in range(65)}}])
    with pytest.raises(ValueError, match="more than 64 labels"):
        read_list(labels.encode(), as_json=True)
    monkeypatch.setattr(targets, "MOST_TARGETS", 10)
    with pytest.raises(ValueError, match="more than 10 targets"):
        read_list(json.dumps([{"targets": ["a"] * 11}]).encode(), as_json=True)
    monkeypatch.setattr(targets, "LIST_LIMIT", 1024 * 1024)
    with pytest.raises(ValueError, match="more than 1 MiB"):
        read_list(b" " * (1024 * 1024 + 1), as_json=True)


@given(content=st.binary() | st.text().map(str.encode), as_json=st.booleans())
def test_any_content_is_a_list_or_refused(content: bytes, as_json: bool) -> None:
    said = "one line"
    try:
        read_list(content, as_json=as_json)
    except ValueError as error:
        said = str(error)
    assert len(said.splitlines()) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["targets", "labels", "a"]), inner, max_size=3)
    ),
)


@given(data=JSON)
def test_any_data_is_a_list_or_refused(data: object) -> None:
    said = "one line"
    try:
        read_list(json.dumps(data).encode(), as_json=True)
    except ValueError as error:
        said = str(error)
    assert len(said.splitlines()) == 1


def test_ten_thousand_targets_of_a_list_become_checks_in_seconds(tmp_path: Path) -> None:
    one = template(tmp_path, "http: {expect: {status: 200, json: {$.ok: true}}}")
    groups = [
        {"targets": [f"10.{n >> 8}.{n & 255}.7:80"], "labels": {"rack": str(n % 40)}}
        for n in range(10_000)
    ]
    content = json.dumps(groups).encode()
    began = time.process_time()
    checks = one.found(read_list(content, as_json=True))
    assert time.process_time() - began < 5
    assert len({check.name for check in checks}) == 10_000
