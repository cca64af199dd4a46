"""Certificates made to measure, held against what is expected of them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from evidenced.config.certificate import CertificateExpect
from evidenced.probes.attempt import Judgement, Reason
from evidenced.probes.certificate import Chain, certificate_facts, refused_chain
from evidenced.probes.expectations.certificate import judge_certificate

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
Make = Callable[..., x509.Certificate]


@pytest.fixture(scope="module")
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def make(key: ec.EllipticCurvePrivateKey) -> Make:
    """A shop's certificate, by default valid from yesterday and for 30 days."""
    other = ec.generate_private_key(ec.SECP256R1())

    def certificate(
        begins: timedelta = -DAY,
        ends: timedelta = 30 * DAY,
        *names: str,
        self_signed: bool = False,
    ) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example")])
        issuer = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Let's Encrypt"),
                x509.NameAttribute(NameOID.COMMON_NAME, "R11"),
            ]
        )
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if self_signed else issuer)
            .public_key(key.public_key())
            .serial_number(0xA1B2)
            .not_valid_before(NOW + begins)
            .not_valid_after(NOW + ends)
        )
        if names:
            alternatives: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
            alternatives.append(x509.IPAddress(ip_address("192.0.2.1")))
            builder = builder.add_extension(
                x509.SubjectAlternativeName(alternatives), critical=False
            )
        return builder.sign(key if self_signed else other, hashes.SHA256())

    return certificate


def judged(chain: Chain, **expect: object) -> tuple[Judgement, ...]:
    return judge_certificate(CertificateExpect.model_validate(expect), chain, NOW.timestamp())


@pytest.mark.parametrize(
    ("begins", "ends", "valid_for", "met", "found"),
    [
        (-DAY, 30 * DAY, "30d", True, "one that expires on 2027-03-31, in 30d"),
        (-DAY, 30 * DAY, "31d", False, "one that expires on 2027-03-31, in 30d"),
        (-DAY, timedelta(minutes=90), "1d", False, "one that expires on 2027-03-01, in 90m"),
        (-DAY, timedelta(seconds=0), "0", False, "one that has expired on 2027-03-01"),
        (-DAY, timedelta(seconds=1), "0", True, "one that expires on 2027-03-01, in 0s"),
        (-9 * DAY, -2 * DAY, "1d", False, "one that has expired on 2027-02-27"),
        (2 * DAY, 30 * DAY, "1d", False, "one that is not valid before 2027-03-03"),
    ],
    ids=["to the day", "too short", "minutes", "this second", "just", "expired", "not yet"],
)
def test_how_long_it_is_valid(
    make: Make, begins: timedelta, ends: timedelta, valid_for: str, met: bool, found: str
) -> None:
    (judgement,) = judged(Chain((make(begins, ends),)), valid_for=valid_for)
    assert (judgement.name, judgement.reason) == ("certificate:valid_for", Reason.CERTIFICATE)
    assert (judgement.met, judgement.found) == (met, found)


def test_the_trust_counts_where_there_is_one_else_all_that_was_presented(make: Make) -> None:
    leaf, older = make(), make(-DAY, 3 * DAY)
    (untrusted,) = judged(Chain((leaf, older)), valid_for="14d")
    (trusted,) = judged(Chain((leaf, older), verified=(leaf,)), valid_for="14d")
    assert (untrusted.met, trusted.met) == (False, True)


@pytest.mark.parametrize(
    ("expect", "met", "found"),
    [
        ({"issuer": {"contains": "Let's Encrypt"}}, True, '"CN=R11,O=Let\'s Encrypt,C=US"'),
        ({"issuer": {"contains": "Other"}}, False, '"CN=R11,O=Let\'s Encrypt,C=US"'),
        ({"subject": "CN=shop.example"}, True, '"CN=shop.example"'),
        ({"subject": {"not_matches": "shop"}}, False, '"CN=shop.example"'),
        (
            {"names": {"contains": ["a.example", "192.0.2.1"]}},
            True,
            '["a.example", "*.b.example", "192.0.2.1"]',
        ),
        (
            {"names": {"contains": "c.example"}},
            False,
            '["a.example", "*.b.example", "192.0.2.1"]',
        ),
        ({"names": {"length": 3}}, True, '["a.example", "*.b.example", "192.0.2.1"]'),
        ({"self_signed": False}, True, "one signed by another"),
        ({"self_signed": True}, False, "one signed by another"),
    ],
)
def test_what_it_says(make: Make, expect: dict[str, object], met: bool, found: str) -> None:
    chain = Chain((make(-DAY, DAY, "a.example", "*.b.example"),))
    (judgement,) = judged(chain, **expect)
    assert judgement.name == f"certificate:{next(iter(expect))}"
    assert (judgement.met, judgement.found) == (met, found)
    assert judgement.reason is Reason.CERTIFICATE


def test_one_that_is_signed_by_itself(make: Make) -> None:
    chain = Chain((make(self_signed=True),))
    assert [each.met for each in judged(chain, self_signed=True)] == [True]
    assert [each.met for each in judged(chain, self_signed=False)] == [False]


def test_no_certificate_meets_nothing() -> None:
    judgements = judged(
        Chain(),
        valid_for="0",
        issuer={"exists": False},
        subject={"exists": True},
        names={"exists": True},
        self_signed=False,
    )
    assert [each.name.partition(":")[2] for each in judgements] == [
        "valid_for",
        "issuer",
        "subject",
        "names",
        "self_signed",
    ]
    assert {(each.met, each.found) for each in judgements} == {(False, "no certificate")}


def test_facts(make: Make) -> None:
    leaf, older = make(-DAY, 30 * DAY, "a.example"), make(-DAY, 3 * DAY)
    facts = certificate_facts(Chain((leaf, older), (leaf,), "TLS 1.3", "TLS_AES_256_GCM_SHA384"))
    assert facts == {
        "cert_expiry": (NOW + 3 * DAY).timestamp(),
        "cert_chain_expiry": (NOW + 30 * DAY).timestamp(),
        "cert_subject": "CN=shop.example",
        "cert_issuer": "CN=R11,O=Let's Encrypt,C=US",
        "cert_names": "a.example,192.0.2.1",
        "cert_serial": "a1b2",
        "cert_fingerprint": leaf.fingerprint(hashes.SHA256()).hex(),
        "tls_version": "TLS 1.3",
        "tls_cipher": "TLS_AES_256_GCM_SHA384",
    }
    assert certificate_facts(Chain()) == {}


def test_what_is_no_certificate_is_left_out(make: Make) -> None:
    der = make().public_bytes(serialization.Encoding.DER)
    assert len(refused_chain([b"", der[:-1], b"\x30\x00", der]).presented) == 1
