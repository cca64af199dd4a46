"""The section `web`, and the web configuration file of Prometheus that it may name."""

from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from evidenced.config.load import read
from evidenced.config.model import Config
from evidenced.config.sources import Sources

Loads = Callable[..., Config]
Refuses = Callable[..., list[str]]
LEDGER = "ledger: {path: STATE.md}\n"
HASH = "$2y$10$2qR0yhTj3fCJwG1TSSzPsOJLjuN.lnbPdSWmqyBvkjK7TEqEvLPVO"


@pytest.fixture
def certificate(tmp_path: Path) -> trustme.CA:
    """`oven.crt` and `oven.key` in the folder of the configuration, `ca.crt` beside."""
    authority = trustme.CA()
    issued = authority.issue_cert("oven.example")
    (tmp_path / "oven.crt").write_bytes(issued.cert_chain_pems[0].bytes())
    (tmp_path / "oven.key").write_bytes(issued.private_key_pem.bytes())
    (tmp_path / "ca.crt").write_bytes(authority.cert_pem.bytes())
    return authority


def tls(more: str = "") -> str:
    return f"web: {{tls_server_config: {{cert_file: oven.crt, key_file: oven.key{more}}}}}\n"


def test_without_the_section_all_is_open_over_http(loads: Loads) -> None:
    web = loads(LEDGER).web
    assert (web.guarded, web.closed, web.tls_server_config, web.public) == (
        False,
        False,
        None,
        ("health",),
    )
    assert web.unheeded == ()


def test_a_web_file_of_prometheus_is_taken_with_paths_from_its_folder(
    loads: Loads, tmp_path: Path, certificate: trustme.CA
) -> None:
    (tmp_path / "etc").mkdir()
    for name in ("oven.crt", "oven.key", "ca.crt"):
        (tmp_path / name).rename(tmp_path / "etc" / name)
    (tmp_path / "etc" / "web.yml").write_text(
        f"""
tls_server_config:
  cert_file: oven.crt
  key_file: oven.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca.crt
  min_version: TLS10
  max_version: TLS13
  cipher_suites: [TLS_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: true
  curve_preferences: [CurveP256]
http_server_config:
  http2: true
  headers: {{X-Frame-Options: deny, X-XSS-Protection: ""}}
basic_auth_users:
  baker: {HASH}
rate_limit: {{interval: 1s, burst: 20}}
"""
    )
    web = loads(LEDGER + "web: {config_file: etc/web.yml, public: metrics}").web
    assert web.tls_server_config is not None
    assert web.tls_server_config.cert_file == tmp_path / "etc" / "oven.crt"
    assert web.basic_auth_users["baker"].reveal() == HASH
    assert (web.rate_limit.interval, web.rate_limit.burst) == (1.0, 20)
    assert (web.public, web.guarded, web.closed) == (("metrics",), True, True)
    assert web.unheeded == ("http_server_config.http2", "tls_server_config.curve_preferences")
    assert HASH not in repr(web)


def test_what_is_wrong_in_a_web_file_has_its_line(refuses: Refuses, tmp_path: Path) -> None:
    (tmp_path / "web.yml").write_text(
        "basic_auth_users:\n  baker: swordfish\n  cook: ${SECRET}\nbearer_tokens: {a: swordfish}\n"
    )
    said = (
        "found a text (not shown), expected the bcrypt hash of a password, as `htpasswd -nB NAME`"
    )
    lines = refuses(LEDGER + "web: {config_file: web.yml}\nzz: 1", {"SECRET": "swordfish"})
    assert [line.split(" prints")[0] for line in lines] == [
        "evidenced.yaml:3: zz: unknown key, expected one of "
        + ", ".join(sorted(Config.model_fields)),
        f"web.yml:2: basic_auth_users.baker: {said}",
        f"web.yml:3: basic_auth_users.cook: {said}",
        lines[3],
    ]
    assert lines[3].startswith("web.yml:4: bearer_tokens: unknown key, ")
    assert "swordfish" not in "".join(lines)


@pytest.mark.parametrize("text", ["", " \n"])
def test_a_web_file_that_is_being_written_opens_nothing(
    refuses: Refuses, tmp_path: Path, text: str
) -> None:
    (tmp_path / "web.yml").write_text(text)
    assert refuses(LEDGER + "web: {config_file: web.yml}") == [
        "web.yml: found nothing in it, expected {} at least"
    ]


def test_a_web_file_may_say_nothing(loads: Loads, tmp_path: Path) -> None:
    (tmp_path / "web.yml").write_text("{}")
    assert not loads(LEDGER + "web: {config_file: web.yml}").web.closed


def test_the_files_that_access_depends_on_are_known(
    tmp_path: Path, certificate: trustme.CA
) -> None:
    (tmp_path / "token").write_text("a-token-of-some-length")
    (tmp_path / "web.yml").write_text(tls().removeprefix("web: {").removesuffix("}\n"))
    path = tmp_path / "evidenced.yaml"
    path.write_text(LEDGER + "web: {config_file: web.yml, bearer_tokens: {a: {file: token}}}")
    sources = Sources(path)
    read(path, {}, sources)
    assert not sources.outdated()
    for name in ("web.yml", "oven.crt", "oven.key", "token"):
        file = tmp_path / name
        assert file in sources.watched()
        before = file.read_bytes()
        file.unlink()
        assert sources.outdated(), name
        file.write_bytes(before)
        sources.note_beside(file)
        assert not sources.outdated(), name


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            ", client_auth_type: RequireAnyClientCert",
            (
                "found client_auth_type 'RequireAnyClientCert', which verifies nothing, expected "
                "'RequireAndVerifyClientCert'"
            ),
        ),
        (
            ", client_auth_type: VerifyClientCertIfGiven",
            (
                "found client_auth_type 'VerifyClientCertIfGiven' without client_ca_file, "
                "expected both"
            ),
        ),
        (
            ", client_ca_file: ca.crt",
            (
                "found client_ca_file, with which client_auth_type is expected to be "
                "'RequireAndVerifyClientCert' or 'VerifyClientCertIfGiven'"
            ),
        ),
        (
            ", client_allowed_sans: [robot.example]",
            (
                "found client_allowed_sans, with which client_auth_type is expected to be "
                "'RequireAndVerifyClientCert'"
            ),
        ),
        (
            ", min_version: TLS13, max_version: TLS12",
            "found min_version above max_version 'TLS12'",
        ),
    ],
    ids=["unverified", "no-ca", "unused-ca", "unused-names", "versions"],
)
def test_what_does_not_fit_together_is_refused(
    refuses: Refuses, certificate: trustme.CA, more: str, said: str
) -> None:
    assert refuses(LEDGER + tls(more)) == [f"evidenced.yaml:2: web.tls_server_config: {said}"]


def test_a_key_of_another_certificate_is_refused(
    refuses: Refuses, tmp_path: Path, certificate: trustme.CA
) -> None:
    other = certificate.issue_cert("other.example")
    (tmp_path / "oven.key").write_bytes(other.private_key_pem.bytes())
    (line,) = refuses(LEDGER + tls())
    assert line == (
        "evidenced.yaml:2: web.tls_server_config.cert_file: found 'oven.crt', expected a "
        "certificate and its key (PEM): the key is not that of the certificate"
    )
