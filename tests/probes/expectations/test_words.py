import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evidenced.probes.expectations.words import has_words


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("0 items", "0 items", True),
        ("10 items", "0 items", False),
        ("cart: 0 items.", "0 items", True),
        ("10 items, then 0 items", "0 items", True),
        ("0 itemsets", "0 items", False),
        ("(0 items)", "0 items", True),
        ("1.0 items", "0 items", False),
        ("1,000 items", "000 items", False),
        ("total 5.", "5", True),
        ("5.20 €", "5", False),
        ("1, 5", "5", True),
        ("shop_id", "id", False),
        ("shop-id", "id", True),
        ("<b>Tomatoes</b>", "Tomatoes", True),
        ("Tomatoes", "Tomato", False),
        ("στην αγορά σήμερα", "αγορά", True),
        ("αγοράζω", "αγορά", False),
        ("παναγορά", "αγορά", False),
        ("0 τεμάχια", "0 τεμάχια", True),
        ("10 τεμάχια", "0 τεμάχια", False),
        ("Корзина пуста", "пуста", True),
        ("Опустение", "пуст", False),
        ("سلة فارغة", "فارغة", True),
        ("فارغةة", "فارغة", False),
        ("토마토 주스", "토마토", True),
        ("방울토마토", "토마토", False),
        ("有机番茄汁", "番茄", True),
        ("トマトジュース", "トマト", True),
        ("ร้านมะเขือเทศ", "มะเขือเทศ", True),
        ("กิน", "ก", False),
        ("10件", "0件", False),
        ("共0件", "0件", True),
        ("cafe\u0301", "cafe", False),
        ("cafe\u0301 au lait", "cafe\u0301", True),
        ("\u200e0 items\u200e", "0 items", True),
        ("1\u200e0 items", "0 items", False),
        ("a\u200bword\u200bb", "word", True),
        ("\ufeffword", "word", True),
        ("می\u200cخواهم", "می", False),
        ("", "word", False),
        ("word", "", True),
        ("a+b", "+", True),
        ("co-op", "-", True),
    ],
)
def test_whole_words(text: str, words: str, found: bool) -> None:
    assert has_words(text, words) is found


def test_the_end_of_a_text_that_was_cut_off_may_be_within_a_word() -> None:
    assert has_words("0 item", "0 item")
    assert not has_words("0 item", "0 item", open_end=True)
    assert has_words("0 item, 0 item", "0 item", open_end=True)


def test_many_near_misses_take_no_time() -> None:
    assert not has_words("10 items" * 100_000, "0 items")
    assert not has_words("x" + "\u200d" * 500_000 + "x", "x")


SPACED = st.characters(categories=["Lu", "Ll", "Nd"], max_codepoint=0x5FF)
WORDS = st.text(SPACED, min_size=1)
GAPS = st.sampled_from([" ", "\n", "\t", "\u00a0", ", ", " – ", "(", ")", "><", "\u3000"])


@given(st.text(), st.text(min_size=1))
def test_words_that_are_found_stand_in_the_text(text: str, words: str) -> None:
    if has_words(text, words):
        assert words in text
    if has_words(text, words, open_end=True):
        assert has_words(text, words)


@given(st.lists(WORDS, min_size=1), GAPS, st.data())
def test_a_word_among_words_is_found_and_no_part_of_one(
    words: list[str], gap: str, data: st.DataObject
) -> None:
    text = gap.join(words)
    word = data.draw(st.sampled_from(words))
    assert has_words(text, word)
    part = word[: data.draw(st.integers(1, len(word)))]
    assert has_words(text, part) is (part in words)


@given(WORDS, SPACED)
def test_a_letter_more_makes_another_word(word: str, letter: str) -> None:
    assume(word not in (word + letter)[1:] and word not in (letter + word)[:-1])
    assert not has_words(word + letter, word)
    assert not has_words(letter + word, word)
    assert not has_words(f"{word}\u0301", word)


@given(
    st.text(
        st.characters(categories=["Lo"], min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1
    ),
    st.data(),
)
def test_ideographs_part_anywhere(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assume(all(unicodedata.category(each) == "Lo" for each in text))
    assert has_words(text, text[start:end])
