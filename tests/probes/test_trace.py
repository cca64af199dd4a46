import asyncio

from evidenced.probes.trace import Line, Mark, listening, note, traced


def never() -> str:
    raise AssertionError("nobody listens")


async def test_lines_are_heard_in_their_order_also_from_tasks() -> None:
    async def other() -> None:
        note(Mark.HEARD, lambda: "two\r\n<lines>\x1b[1m")

    assert not listening()
    note(Mark.INFO, never)
    with traced() as trace:
        assert listening()
        note(Mark.INFO, "one")
        await asyncio.gather(other())
    note(Mark.INFO, never)
    assert [(line.mark, line.text) for line in trace.lines] == [
        (Mark.INFO, "one"),
        (Mark.HEARD, "two <lines> [1m"),
    ]
    assert 0 <= trace.lines[0].at <= trace.lines[1].at


async def test_each_look_hears_only_itself() -> None:
    async def look(name: str) -> tuple[Line, ...]:
        with traced() as trace:
            note(Mark.INFO, name)
            await asyncio.sleep(0)
            note(Mark.INFO, name)
        return trace.lines

    heard = await asyncio.gather(*(look(str(number)) for number in range(5)))
    assert [{line.text for line in lines} for lines in heard] == [{str(n)} for n in range(5)]
