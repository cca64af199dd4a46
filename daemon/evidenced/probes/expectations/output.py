"""A text of the host's, such as a file or the output of a command, held against a condition."""

from evidenced.config.expect import Comparison
from evidenced.probes.attempt import Judgement, Reason
from evidenced.probes.expectations.compare import Verdict, clauses, compare

_OF_A_PART = frozenset({"exists", "contains", "matches"})
"""Operators that what comes later in a text cannot undo."""


def judge_text(name: str, text: str, comparison: Comparison, *, whole: bool = True) -> Judgement:
    """Whether a text meets a condition; `whole` says that nothing of it was cut off.

    Of one that was cut off only what it has can be told: what it must not have, must equal or how
    long it must be is then not met. What is expected and found holds nothing of the text.
    """
    verdict = compare(text, comparison, textual=True)
    undecided = [clause for clause in clauses(comparison) if clause.operator not in _OF_A_PART]
    if verdict.met and not whole and undecided:
        verdict = Verdict(False, str(undecided[0]), "a text too long to be read whole")
    return Judgement(name, verdict.met, f"{name} {verdict.expected}", verdict.found, Reason.BODY)
