"""Sets of words and phrases, written as one string."""


def words(text: str) -> frozenset[str]:
    """The words of a text that are divided by white space."""
    return frozenset(text.split())


def phrases(text: str) -> frozenset[str]:
    """The phrases of a text that are divided by commas."""
    return frozenset(" ".join(phrase.split()) for phrase in text.split(","))
