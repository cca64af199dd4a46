import pytest

from evidenced.probes.address import Address

BASE = Address.parse("http://shop.example/a/b?x=1")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("http://Shop.Example", "http://shop.example/"),
        ("HTTP://shop.example:80/", "http://shop.example/"),
        ("https://shop.example:443/x", "https://shop.example/x"),
        ("https://shop.example:80/x", "https://shop.example:80/x"),
        ("http://[::1]:8080/x?y", "http://[::1]:8080/x?y"),
        ("http://u:p@shop.example/%7e/../%2f?a=b%20c", "http://shop.example/%7e/../%2f?a=b%20c"),
        ("http://αγορά.example/ε", "http://xn--hxajg2ck.example/%CE%B5"),
        ("  http://shop.example/a b ", "http://shop.example/a%20b"),
        ("/c", "http://shop.example/c"),
        ("c", "http://shop.example/a/c"),
        ("../c", "http://shop.example/c"),
        ("?y", "http://shop.example/a/b?y"),
        ("#top", "http://shop.example/a/b?x=1#top"),
        ("//other.example/c", "http://other.example/c"),
        ("https:/c", "an address without a host"),
        ("mailto:x@y", "a mailto address"),
        ("http://shop.example:x/", "a malformed address"),
        ("http://[::1", "a malformed address"),
        ("/caf\udce9", "http://shop.example/caf%E9"),
    ],
)
def test_reading(written: str, read: str) -> None:
    try:
        found = str(Address.parse(written, BASE))
    except ValueError as error:
        found = str(error)
    assert found == read


def test_a_relative_address_alone_is_none() -> None:
    with pytest.raises(ValueError, match="a relative address"):
        Address.parse("/c")


def test_what_is_shown_holds_no_secret() -> None:
    address = Address.parse("https://ann:hunter2@shop.example:8443/a?token=s3cret#s3cret")
    assert address.shown == "https://shop.example:8443/a?…"
    assert address.shown_target == "/a?…"
    assert str(address.url()) == "https://shop.example:8443/a?token=s3cret"
    assert address.peer == "shop.example:8443"
    assert address.credentials == ("ann", "hunter2")


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("http://shop.example:80/z", True),
        ("http://u@SHOP.example", True),
        ("https://shop.example/", False),
        ("http://shop.example:81/", False),
        ("http://www.shop.example/", False),
    ],
)
def test_the_origin(other: str, same: bool) -> None:
    assert (Address.parse(other).origin == BASE.origin) is same
