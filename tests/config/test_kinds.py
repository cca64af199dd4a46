import pytest

from evidenced.config.kinds.http import HttpSettings


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://bakery.example/bread", "https://bakery.example/bread"),
        ("https://u:swordfish@bakery.example:8443/", "https://bakery.example:8443/"),
        ("https://bakery.example/x?key=swordfish&all&a=b=c#top", "https://bakery.example/x?key=…&all&a=…#top"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("/bread", "/bread"),
    ],
)  # fmt: skip
def test_a_target_has_no_secrets(url: str, target: str) -> None:
    settings = HttpSettings(url=url)
    assert settings.target == target
    assert "swordfish" not in repr(settings)


@pytest.mark.parametrize(
    ("url", "absolute"),
    [
        ("/bread?day=1", "https://bakery.example/bread?day=1"),
        (
            "/back?to=https://other.example/",
            "https://bakery.example/back?to=https://other.example/",
        ),
        ("https://other.example/x", "https://other.example/x"),
        ("HTTP://OTHER.example/x", "HTTP://OTHER.example/x"),
    ],
)
def test_a_path_is_based_on_an_address(url: str, absolute: str) -> None:
    assert HttpSettings(url=url).based_on("https://bakery.example").url == absolute
    assert HttpSettings(url=url).based_on("https://bakery.example/").url == absolute


def test_a_path_without_a_base_is_refused() -> None:
    with pytest.raises(ValueError, match="expected an absolute address"):
        HttpSettings(url="/bread").based_on(None)


def test_all_but_the_address_stays() -> None:
    settings = HttpSettings(url="/bread", method="HEAD", follow_redirects=False)
    based = settings.based_on("https://bakery.example")
    assert (based.method, based.follow_redirects) == ("HEAD", False)
    assert settings.url == "/bread"
