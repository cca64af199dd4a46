"""The settings of the kinds that speak over one connection."""

import pytest

from evidenced.config.endpoint import split_endpoint
from evidenced.config.kinds.grpc import GrpcSettings
from evidenced.config.kinds.tcp import TcpSettings
from evidenced.config.kinds.websocket import WebSocketSettings


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("shop.example:443", "shop.example", 443),
        ("192.0.2.1:1", "192.0.2.1", 1),
        ("[2001:db8::1]:65535", "2001:db8::1", 65535),
        ("[fe80::1%eth0]:22", "fe80::1%eth0", 22),
        ("αγορά.example:80", "αγορά.example", 80),
    ],
)
def test_an_address_is_taken_apart(text: str, host: str, port: int) -> None:
    assert split_endpoint(TcpSettings.model_validate({"address": text}).address) == (host, port)


@pytest.mark.parametrize(
    ("written", "on"),
    [(True, True), (False, False), (None, False), ({}, True), ("true", True), ("false", False)],
)
def test_tls_is_switched_on_and_off(written: object, on: bool) -> None:
    settings = GrpcSettings.model_validate({"address": "shop.example:443", "tls": written})
    assert (settings.tls is not None) is on


@pytest.mark.parametrize(
    ("url", "base", "absolute"),
    [
        ("/live?a=b", "https://bakery.example", "wss://bakery.example/live?a=b"),
        ("/live", "http://bakery.example:8080/", "ws://bakery.example:8080/live"),
        ("WSS://other.example/x", "http://bakery.example", "WSS://other.example/x"),
    ],
)
def test_a_path_is_based_on_an_address(url: str, base: str, absolute: str) -> None:
    settings = WebSocketSettings.model_validate({"url": url}).based_on(base)
    assert settings.url == absolute
    assert settings.http_url.startswith(("http://", "https://"))


def test_nothing_secret_is_shown() -> None:
    settings = WebSocketSettings.model_validate(
        {
            "url": "wss://ann:swordfish@bakery.example/live?key=swordfish",
            "headers": {"X-Key": "swordfish"},
            "dialogue": [{"send": "swordfish"}],
        }
    )
    assert settings.target == "wss://bakery.example/live?key=…"
    assert "swordfish" not in repr(settings)
    spoken = TcpSettings.model_validate(
        {"address": "bakery.example:25", "dialogue": [{"send": "AUTH swordfish"}]}
    )
    assert spoken.target == "bakery.example:25"
    assert "swordfish" not in repr(spoken)
