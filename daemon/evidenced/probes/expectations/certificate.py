"""The certificate that a peer has shown, held against what is expected of it."""

from collections.abc import Iterator
from datetime import UTC, datetime

from cryptography import x509

from evidenced.config.certificate import CertificateExpect
from evidenced.config.condition import Comparison
from evidenced.config.types import shown_duration
from evidenced.probes.attempt import Judgement, Reason, one_line
from evidenced.probes.certificate import Chain, is_self_signed, issuer, names, subject
from evidenced.probes.expectations.compare import compare, literal

_DAY = 86_400


def judge_certificate(expect: CertificateExpect, chain: Chain, now: float) -> tuple[Judgement, ...]:
    """One judgement for each thing expected; `now` is in seconds since the epoch.

    The names: `certificate:valid_for`, `certificate:issuer`, `certificate:subject`,
    `certificate:names`, `certificate:self_signed`. They are judged by what the peer has shown,
    trusted or not; where it is trusted, its validity is that of all that its trust rests on, else
    that of all it has presented. Where no certificate was seen none is met.
    """
    return tuple(_judge(expect, chain, now))


def _judge(expect: CertificateExpect, chain: Chain, now: float) -> Iterator[Judgement]:
    leaf = chain.leaf
    if expect.valid_for is not None:
        yield _valid_for(expect.valid_for, chain.verified or chain.presented, now)
    for key, comparison, value in (
        ("issuer", expect.issuer, issuer(leaf) if leaf else None),
        ("subject", expect.subject, subject(leaf) if leaf else None),
        ("names", expect.names, names(leaf) if leaf else None),
    ):
        if comparison is not None:
            yield _compared(key, comparison, value)
    if expect.self_signed is not None:
        yield _self_signed(leaf, wanted=expect.self_signed)


def _valid_for(seconds: float, certificates: tuple[x509.Certificate, ...], now: float) -> Judgement:
    expected = f"a certificate valid for {shown_duration(seconds)}"
    if not seconds:
        expected = "a valid certificate"
    if not certificates:
        return _judgement("valid_for", met=False, expected=expected, found="no certificate")
    first = min(each.not_valid_after_utc.timestamp() for each in certificates)
    begins = max(each.not_valid_before_utc.timestamp() for each in certificates)
    met = begins <= now and first - now >= seconds and first > now
    if begins > now:
        found = f"one that is not valid before {_date(begins)}"
    elif first <= now:
        found = f"one that has expired on {_date(first)}"
    else:
        found = f"one that expires on {_date(first)}, in {_left(first - now)}"
    return _judgement("valid_for", met=met, expected=expected, found=found)


def _compared(key: str, comparison: Comparison, value: object) -> Judgement:
    if value is None:
        expected = f"the certificate's {key} to be judged"
        return _judgement(key, met=False, expected=expected, found="no certificate")
    verdict = compare(value, comparison)
    # Certificates are public: what they say may be shown, and is what one wants to know.
    found = literal(list(value) if isinstance(value, tuple) else value)
    expected = f"the certificate's {key} {verdict.expected}"
    return _judgement(key, met=verdict.met, expected=expected, found=found)


def _self_signed(leaf: x509.Certificate | None, *, wanted: bool) -> Judgement:
    expected = f"a certificate that is {'' if wanted else 'not '}self-signed"
    if leaf is None:
        return _judgement("self_signed", met=False, expected=expected, found="no certificate")
    found = is_self_signed(leaf)
    said = "one signed by itself" if found else "one signed by another"
    return _judgement("self_signed", met=found is wanted, expected=expected, found=said)


def _judgement(key: str, *, met: bool, expected: str, found: str) -> Judgement:
    name = f"certificate:{key}"
    return Judgement(name, met, one_line(expected), one_line(found), Reason.CERTIFICATE)


def _date(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"


def _left(seconds: float) -> str:
    """Whole days where there are any, else hours and minutes: no more is of use."""
    if seconds >= _DAY:
        return f"{int(seconds // _DAY)}d"
    return shown_duration(seconds // 60 * 60)
