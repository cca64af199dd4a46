"""What may stand in the body of a push: JSON of our own, or a report of JUnit's."""

from typing import Annotated

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
)

from evidenced.config.kinds.push import FactName
from evidenced.probes.attempt import DETAIL_LIMIT, one_line
from evidenced.probes.junit import MOST_COUNTED, read_junit
from evidenced.probes.mailbox import Push
from evidenced.probes.tally import Tally

MOST_FACTS = 50
MOST_SHOWN = 20
"""The most mistakes that an answer lists."""

LONGEST_FACT = 200
LONGEST = float(MOST_COUNTED)
"""The longest duration in seconds: about thirty years."""

Number = Annotated[StrictInt, Field(ge=-(2**53), le=2**53)]
Count = Annotated[StrictInt, Field(ge=0, le=MOST_COUNTED)]
FactValue = (
    StrictBool
    | Number
    | Annotated[StrictFloat, Field(allow_inf_nan=False)]
    | Annotated[StrictStr, Field(max_length=LONGEST_FACT)]
)
COUNTS = ("tests", "failures", "errors", "skipped", "assertions")


class PushBody(BaseModel):
    """A push as JSON; every key may be left out, and `{}` says that all is well."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    ok: StrictBool | None = None
    message: StrictStr = ""
    duration: Annotated[float, Field(ge=0, le=LONGEST, allow_inf_nan=False, strict=True)] | None = (
        None
    )
    facts: Annotated[dict[FactName, FactValue], Field(max_length=MOST_FACTS)] = {}
    tests: Count | None = None
    failures: Count | None = None
    errors: Count | None = None
    skipped: Count | None = None
    assertions: Count | None = None

    def push(self, received: float) -> Push:
        """The push that this is, received at a time (seconds since the epoch).

        Of the message one line is kept. Counts without `tests` are those of a run without tests.
        """
        tally = None
        if any(getattr(self, name) is not None for name in COUNTS):
            tally = Tally(
                self.tests or 0,
                self.failures or 0,
                self.errors or 0,
                self.skipped or 0,
                self.assertions,
                self.duration,
            )
        message = one_line(self.message[: 4 * DETAIL_LIMIT])
        return Push(received, self.ok, message, self.duration, tally, self.facts)


class KeptPush(PushBody):
    """A push with the time at which it was received (Unix time), to be kept in a file."""

    received: Annotated[float, Field(allow_inf_nan=False)]

    @classmethod
    def of(cls, push: Push) -> "KeptPush":
        """What is to be kept of a push: all of it."""
        counts = {name: getattr(push.tally, name) for name in COUNTS} if push.tally else {}
        return cls(
            received=push.received,
            ok=push.ok,
            message=push.message,
            duration=push.duration,
            facts=dict(push.facts),
            **counts,
        )


def of_json(body: bytes, received: float) -> Push:
    """The push that JSON describes; raises ValueError with a list of lines on what is amiss."""
    try:
        return PushBody.model_validate_json(body or b"{}").push(received)
    except ValidationError as error:
        lines = [_line(each["loc"], each["msg"]) for each in error.errors(include_url=False)]
        raise ValueError(lines[:MOST_SHOWN]) from None


def of_junit(body: bytes, received: float) -> Push:
    """The push that a report of JUnit's is; raises ValueError as `of_json` does.

    Costly on a large report.
    """
    try:
        tally = read_junit(body)
    except ValueError as error:
        raise ValueError([str(error)]) from None
    return Push(received, duration=tally.seconds, tally=tally)


def _line(place: tuple[int | str, ...], message: str) -> str:
    where = ".".join(str(step) for step in place)
    return one_line(f"{where}: {message}" if where else message)
