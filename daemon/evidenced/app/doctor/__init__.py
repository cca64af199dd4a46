"""Looks at all that a daemon stands on and says what is wrong, with how to mend it.

Each module is one examination: a coroutine `examine` that takes the Subject and gives Findings.
"""
