"""Which address a command asks, what it shows there, and whom it trusts."""

from pathlib import Path

import pytest
import trustme

from evidenced.cli.reach import CA_FILE, CERT_FILE, KEY_FILE, TOKEN, given, own, own_trust, trust
from evidenced.config.model import Config
from evidenced.config.problem import ConfigError

HASH = "$2y$10$2qR0yhTj3fCJwG1TSSzPsOJLjuN.lnbPdSWmqyBvkjK7TEqEvLPVO"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (CA_FILE, CERT_FILE, KEY_FILE, TOKEN):
        monkeypatch.delenv(name, raising=False)


def config(**web: object) -> Config:
    return Config.model_validate(
        {
            "listen": "0.0.0.0:9000",
            "ledger": {"path": "STATE.md"},
            "tokens": {"admin": "the admin token"},
            "web": web,
        }
    )


@pytest.mark.parametrize(
    ("web", "token"),
    [
        ({}, None),
        ({"public": ["api"]}, None),
        ({"basic_auth_users": {"baker": HASH}}, "the admin token"),
        ({"bearer_tokens": {"a": "a-token-of-some-length"}}, "a-token-of-some-length"),
    ],
    ids=["open", "public", "users", "tokens"],
)
def test_what_opens_least_is_shown(web: dict[str, object], token: str | None) -> None:
    found = own(config(**web))
    assert (found.url, found.tls) == ("http://127.0.0.1:9000", None)
    assert (found.token.reveal() if found.token else None) == token


def test_the_environment_has_a_token_for_any_address(monkeypatch: pytest.MonkeyPatch) -> None:
    assert given("http://rad.example/").token is None
    monkeypatch.setenv(TOKEN, "given")
    for found in (given("http://rad.example/"), own(config())):
        assert found.token
        assert found.token.reveal() == "given"
    with pytest.raises(ConfigError, match="--url: expected an address"):
        given("rad.example")


def test_only_the_certificate_of_the_configuration_is_trusted(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("rad.example")
    certificate, key = tmp_path / "a.crt", tmp_path / "a.key"
    # The authority stands in the file as well, and is no reason to trust all that it signs.
    certificate.write_bytes(issued.cert_chain_pems[0].bytes() + authority.cert_pem.bytes())
    key.write_bytes(issued.private_key_pem.bytes())
    secure = config(tls_server_config={"cert_file": certificate, "key_file": key})
    assert own(secure).url == "https://127.0.0.1:9000"
    context = own_trust(secure)
    assert context
    assert context.cert_store_stats()["x509"] == 1
    assert not context.check_hostname
    certificate.write_text("no certificate")
    with pytest.raises(ConfigError, match=r"a\.crt: no certificate can be read in it"):
        own_trust(secure)


def test_an_address_of_http_needs_no_trust() -> None:
    assert trust("http://rad.example") is None


@pytest.mark.parametrize("name", [CA_FILE, CERT_FILE])
@pytest.mark.parametrize(("text", "said"), [(None, "No such file"), ("x", "no certificate in it")])
def test_a_file_of_the_environment_that_is_no_good_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str | None, said: str
) -> None:
    file = tmp_path / "file"
    if text is not None:
        file.write_text(text)
    monkeypatch.setenv(name, str(file))
    with pytest.raises(ConfigError, match=f"{name}: .*{said}"):
        trust("https://rad.example")


def test_a_certificate_is_shown_and_others_are_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("me.example")
    (tmp_path / "both.pem").write_bytes(issued.private_key_and_cert_chain_pem.bytes())
    (tmp_path / "ca.pem").write_bytes(authority.cert_pem.bytes())
    monkeypatch.setenv(CA_FILE, str(tmp_path / "ca.pem"))
    monkeypatch.setenv(CERT_FILE, str(tmp_path / "both.pem"))
    context = trust("https://rad.example")
    assert context
    assert context.check_hostname
    assert context.cert_store_stats()["x509_ca"] == 1
