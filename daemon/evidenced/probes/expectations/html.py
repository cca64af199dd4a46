"""What CSS selectors find in a body, held against what they must find."""

from collections.abc import Iterator, Mapping

from selectolax.lexbor import LexborHTMLParser

from evidenced.config.http_expect import HtmlExpect
from evidenced.config.selector import Selector
from evidenced.probes.attempt import Judgement, Reason
from evidenced.probes.expectations.answer import Body
from evidenced.probes.expectations.body import undecided
from evidenced.probes.expectations.compare import clauses, compare_any
from evidenced.probes.expectations.count import phrase, within


def judge_html(expect: Mapping[Selector, HtmlExpect], body: Body) -> Iterator[Judgement]:
    """One judgement for each selector, named `html:SELECTOR`.

    Any text is HTML (WHATWG, 13.2), so a body that is meant to be something else just has no
    elements. In one that was cut off an element may be missing, or its text: it meets nothing.
    """
    if not expect:
        return
    document = LexborHTMLParser(body.text()) if body.complete else None
    for selector, asked in expect.items():
        name, bounded = f"html:{selector}", asked.min is not None or asked.max is not None
        expected = phrase(asked) if bounded else ""
        if asked.text is not None:
            said = f"text {' and '.join(map(str, clauses(asked.text)))}"
            expected = f"{expected}, {said}" if expected else said
        if document is None:
            yield undecided(name, f"{selector}: {expected}", body)
            continue
        elements = document.css(selector.source)
        found = f"{len(elements):,} of it"
        met = not bounded or within(asked, len(elements))
        if met and asked.text is not None:
            texts = [" ".join(element.text().split()) for element in elements]
            verdict = compare_any(texts, asked.text, textual=True)
            met, found = verdict.met, verdict.found
            if not met:
                expected = f"text {verdict.expected}"
        yield Judgement(name, met, f"{selector}: {expected}", found, Reason.HTML)
