import pytest

from evidenced.probes.attempt import Reason
from evidenced.probes.expectations.answer import Answer
from evidenced.probes.expectations.location import judge_location

ASKED = "https://shop.example/cart/login?next=1"


@pytest.mark.parametrize(
    ("expected", "sent", "met"),
    [
        ("/auth/login", "/auth/login", True),
        ("/auth/login", "https://shop.example/auth/login", True),
        ("/auth/login", "https://shop.example:443/auth/login", True),
        ("/auth/login", "HTTPS://Shop.Example/auth/login", True),
        ("/auth/login", "//shop.example/auth/login", True),
        ("https://shop.example/auth/login", "/auth/login", True),
        ("/auth/login", "../auth/login", True),
        ("/cart/x", "x", True),
        ("https://shop.example", "/", True),
        ("/αγορά", "/%CE%B1%CE%B3%CE%BF%CF%81%CE%AC", True),
        ("/αγορά", "/αγορά", True),
        ("/auth/login", "http://shop.example/auth/login", False),
        ("/auth/login", "https://shop.example:8443/auth/login", False),
        ("/auth/login", "https://www.shop.example/auth/login", False),
        ("/auth/login", "https://evil.example/auth/login", False),
        ("/auth/login", "https://shop.example@evil.example/auth/login", False),
        ("/auth/login", "https://user@shop.example/auth/login", False),
        ("/auth/login", "/auth/login/", False),
        ("/auth/login", "/Auth/login", False),
        ("/auth/login", "/auth/login?next=%2Fcart", False),
        ("/auth/login?next=%2Fcart", "/auth/login?next=%2Fcart", True),
        ("/auth/login?next=%2Fcart", "/auth/login?next=/cart", False),
        ("/auth/login", "/auth/login#top", False),
        ("/a%2fb", "/a/b", False),
        ("/auth/login", "auth/login", False),
        ("/auth/login", "mailto:x@y", False),
        ("/auth/login", "http://[", False),
        ("shop:open?a", "shop:open?a", True),
        ("shop:open?a", "shop:open?b", False),
        ("shop:open", "/auth/login", False),
        ("/auth/login", None, False),
        ("/auth/login", "", False),
    ],
)
def test_where_to(expected: str, sent: str | None, met: bool) -> None:
    headers = () if sent is None else (("LOCATION", sent),)
    judgement = judge_location(expected, Answer(ASKED, 307, headers))
    assert judgement.met is met
    assert (judgement.name, judgement.reason) == ("location", Reason.REDIRECT)


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("/other", "/other"),
        ("/other?token=s3cret", "/other?…"),
        ("/login?token=s3cret", "/login?… with another query"),
        ("/login?a=1#s3cret", "/login?… with another fragment"),
        ("https://ann:s3cret@shop.example/login?a=1", "/login?… with another user"),
        ("http://shop.example/login?a=1", "http://shop.example/login?…"),
        ("mailto:s3cret@shop.example", "mailto:…"),
        ("http://[s3cret", "http:…"),
        (None, "no Location"),
    ],
)
def test_the_words(sent: str | None, found: str) -> None:
    headers = () if sent is None else (("Location", sent),)
    judgement = judge_location("/login?a=1", Answer(ASKED, 302, headers))
    assert (judgement.expected, judgement.found) == ("a redirect to /login?…", found)


def test_the_words_for_another_scheme() -> None:
    judgement = judge_location("shop:open", Answer(ASKED, 302, (("Location", "shop:s3cret"),)))
    assert (judgement.expected, judgement.found) == (
        "a redirect to shop:…",
        "shop:… with another rest",
    )
