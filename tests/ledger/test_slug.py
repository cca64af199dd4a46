import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidenced.ledger.slug import MAX_SLUG, slug, unique


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Door/sshguard", "door-sshguard"),
        ("Sign-in redirects", "sign-in-redirects"),
        ("night-shift CI", "night-shift-ci"),
        ("Shelves & Boxes", "shelves-boxes"),
        ("Round 6 Cart → Parcel", "round-6-cart-parcel"),
        ("Έλεγχος Πληρωμών", "έλεγχος-πληρωμών"),
        ("ΟΔΗΓΙΕΣ", "οδηγιες"),
        ("Größe & Maß", "größe-maß"),
        ("Заказы и оплата", "заказы-и-оплата"),
        ("注文ページ", "注文ページ"),
        ("हिन्दी शीर्षक", "हिन्दी-शीर्षक"),
        ("ﬁne ①", "fine-1"),
        ("⚠️ 1️⃣ Ready", "1-ready"),
        ("a_b.c", "a-b-c"),
        ("cafe\u0301", "café"),
    ],
)
def test_slug(title: str, name: str) -> None:
    assert slug(title) == name


def test_title_without_letters_has_a_slug_all_the_same() -> None:
    assert slug("✅") == slug("✅")
    assert slug("✅") != slug("⚠️")
    assert slug("✅").startswith("item-")


def test_long_slug_ends_at_a_word() -> None:
    name = slug("word " * 60)
    assert len(name) <= MAX_SLUG
    assert set(name.split("-")) == {"word"}
    assert len(slug("x" * 500)) == MAX_SLUG


@pytest.mark.parametrize(
    ("slugs", "fixed", "names"),
    [
        ("a a a b", "", "a a-2 a-3 b"),
        ("a a a-2", "", "a a-3 a-2"),
        ("a-2 a a", "", "a-2 a a-3"),
        ("a-2 a-2 a a a", "", "a-2 a-2-2 a a-3 a-4"),
        ("a b", "a", "a-2 b"),
        ("a a", "a a-2", "a-3 a-4"),
    ],
)
def test_unique(slugs: str, fixed: str, names: str) -> None:
    assert " ".join(unique(slugs.split(), fixed.split())) == names


@given(st.lists(st.sampled_from(["a", "a-2", "a-3", "b", "a-2-2"])), st.sets(st.sampled_from("ab")))
def test_unique_names_differ_and_keep_what_they_can(slugs: list[str], fixed: set[str]) -> None:
    names = unique(slugs, fixed)
    assert len(set(names) | fixed) == len(names) + len(fixed)
    assert all(name.startswith(wanted) for name, wanted in zip(names, slugs, strict=True))
    assert set(slugs) - fixed <= set(names)


@given(st.text())
def test_slug_of_any_title(title: str) -> None:
    name = slug(title)
    assert name
    assert slug(title) == name
    assert name == name.strip("-")
    assert not any(character.isspace() for character in name)
