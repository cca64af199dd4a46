"""What is said and heard in turn on a connection: the dialogue of the stream kinds."""

import re
from collections.abc import Iterable, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from evidenced.config.base import Section
from evidenced.config.types import Pattern

CAPTURE = re.compile(r"\$\{([0-9]{1,3})\}")
"""What stands in a text to be sent for a group of the pattern that matched last."""

Said = Annotated[str, Field(min_length=1, json_schema_extra={"writeOnly": True})]
"""What is sent: it may be a credential, so it is never shown."""


class Message(Section):
    """One turn of a dialogue of messages: what must come, and what is then sent."""

    expect: Pattern | None = Field(
        default=None,
        description="A pattern that one of the messages that come must match; those before it are "
        "passed over.",
    )
    send: Said | None = Field(
        default=None,
        repr=False,
        description="A message to send, after what is expected has come. `${1}` stands for the "
        "first group of the pattern that matched last, `${0}` for all of the match.",
    )

    @model_validator(mode="after")
    def _says_something(self) -> "Message":
        if self.expect is None and self.send is None:
            raise ValueError("expected at least one of expect and send")
        return self


class Step(Section):
    """One turn of a dialogue: what must come, what is then sent, and whether TLS then begins."""

    expect: Pattern | None = Field(
        default=None,
        description="A pattern that one of the lines that come must match; lines before it are "
        "passed over. The end of a line is no part of it.",
    )
    expect_bytes: Annotated[str, Field(min_length=1)] | None = Field(
        default=None,
        description="Instead of `expect`: the very next bytes, as text in UTF-8; for what ends in "
        "no line, such as a prompt.",
    )
    send: Said | None = Field(
        default=None,
        repr=False,
        description="A text to send, after what is expected has come; it gets a newline where it "
        "has none at its end. `${1}` stands for the first group of the pattern that matched last, "
        "`${0}` for all of the match.",
    )
    starttls: bool = Field(
        default=False, description="Whether the TLS handshake begins after that."
    )

    @model_validator(mode="after")
    def _says_something(self) -> "Step":
        if self.expect is not None and self.expect_bytes is not None:
            raise ValueError("found both expect and expect_bytes, expected one of them")
        if not any((self.expect, self.expect_bytes, self.send, self.starttls)):
            raise ValueError("expected at least one of expect, expect_bytes, send and starttls")
        return self


def _captured(steps: Sequence[Step | Message]) -> Iterable[tuple[int, int, int]]:
    groups = -1
    for index, step in enumerate(steps):
        groups = groups if step.expect is None else step.expect.groups
        for mark in CAPTURE.finditer(step.send or ""):
            yield index, int(mark[1]), groups


def check_captures(steps: Sequence[Step | Message]) -> None:
    """See that each `${N}` has a group before it; ValueError where it has none."""
    for index, number, groups in _captured(steps):
        if number > groups:
            last = "where no pattern stands before it"
            if groups >= 0:
                last = f"where the pattern before it has {groups or 'no'} groups"
            raise ValueError(
                f"found ${{{number}}} in the text to send at [{index}], {last}, "
                "expected a group of the pattern that matched last"
            )


def _checked_steps(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    check_captures(steps)
    if sum(step.starttls for step in steps) > 1:
        raise ValueError("found starttls more than once, expected it once at most")
    return steps


def _checked_messages(steps: tuple[Message, ...]) -> tuple[Message, ...]:
    check_captures(steps)
    return steps


Dialogue = Annotated[tuple[Step, ...], AfterValidator(_checked_steps)]
"""The turns of a dialogue, in order."""

Messages = Annotated[tuple[Message, ...], AfterValidator(_checked_messages)]
"""The turns of a dialogue of messages, in order."""
