"""The redirects that were followed, held against those that must have been."""

from collections.abc import Iterator, Sequence

from evidenced.config.http_expect import Hop, RedirectsExpect
from evidenced.config.words import counted
from evidenced.probes.address import Address, shown_from
from evidenced.probes.attempt import Judgement, Reason
from evidenced.probes.expectations.answer import Answer, Redirected
from evidenced.probes.expectations.location import hidden_difference, read
from evidenced.probes.expectations.status import is_status


def judge_redirects(expect: RedirectsExpect, answer: Answer) -> Iterator[Judgement]:
    """One judgement each for `redirects:max`, `redirects:chain` and `redirects:final`.

    Addresses are compared as those of `location` are: relative to the one that was asked.
    """
    way = answer.way
    if expect.max is not None:
        expected = f"at most {counted(expect.max, 'redirect')}"
        yield _judgement("max", len(way) <= expect.max, expected, counted(len(way), "redirect"))
    if expect.chain is not None:
        yield _judge_chain(expect.chain, way)
    if expect.final is not None:
        yield _judge_final(expect.final, answer)


def _judge_chain(hops: Sequence[Hop], way: Sequence[Redirected]) -> Judgement:
    for number, (hop, seen) in enumerate(zip(hops, way, strict=False), 1):
        asked = Address.parse(seen.url)
        wanted, found = read(hop.location, asked), read(seen.location, asked)
        expected = f"redirect {number} to {shown_from(hop.location, asked)}"
        if wanted != found:
            where = shown_from(seen.location, asked)
            if where == shown_from(hop.location, asked):
                where += f" with another {hidden_difference(found, wanted)}"
            return _judgement("chain", False, expected, where)
        if hop.status and not is_status(seen.status, hop.status):
            expected += f" by {' or '.join(hop.status)}"
            return _judgement("chain", False, expected, f"{seen.status}")
    return _judgement(
        "chain",
        len(hops) == len(way),
        counted(len(hops), "redirect"),
        counted(len(way), "redirect"),
    )


def _judge_final(expected: str, answer: Answer) -> Judgement:
    first = Address.parse(answer.way[0].url if answer.way else answer.url)
    wanted, found = read(expected, first), read(answer.url, first)
    where = shown_from(answer.url, first)
    if wanted != found and where == shown_from(expected, first):
        where += f" with another {hidden_difference(found, wanted)}"
    said = f"an answer from {shown_from(expected, first)} in the end"
    return _judgement("final", wanted == found, said, where)


def _judgement(part: str, met: bool, expected: str, found: str) -> Judgement:
    return Judgement(f"redirects:{part}", met, expected, found, Reason.REDIRECT)
