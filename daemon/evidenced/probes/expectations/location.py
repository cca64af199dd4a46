"""Where an answer redirects to, held against where it must."""

from evidenced.probes.address import Address, shown_from
from evidenced.probes.attempt import Judgement, Reason
from evidenced.probes.expectations.answer import Answer


def judge_location(expected: str, answer: Answer) -> Judgement:
    """Whether the Location of the answer is the one expected.

    Both are read relative to the address that was asked, so a same-origin absolute address equals
    its relative form and a default port equals none. Path, query and fragment are compared as they
    are written; an address of another scheme, such as an app's, as a whole.
    """
    asked = Address.parse(answer.url)
    wanted = read(expected, asked)
    expected_text = f"a redirect to {shown_from(expected, asked)}"
    found = answer.header("location")
    if not found or not found[0].strip():
        return Judgement("location", False, expected_text, "no Location", Reason.REDIRECT)
    seen = read(found[0], asked)
    found_text = shown_from(found[0], asked)
    if seen != wanted and found_text == shown_from(expected, asked):
        found_text = f"{found_text} with another {hidden_difference(seen, wanted)}"
    return Judgement("location", seen == wanted, expected_text, found_text, Reason.REDIRECT)


def read(text: str, asked: Address) -> Address | str:
    """A location as an address, or as it is where it is none of http."""
    try:
        return Address.parse(text, asked)
    except ValueError:
        return text.strip()


def hidden_difference(seen: Address | str, wanted: Address | str) -> str:
    """In what two differ that look the same when they are shown."""
    if isinstance(seen, str) or isinstance(wanted, str):
        return "rest"
    if seen.target != wanted.target:
        return "query"
    return "fragment" if seen.fragment != wanted.fragment else "user"
