"""One outage and its issue, brought together: what the tracker has by now is looked at first."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import structlog

from evidenced.app.tracker_forge import Draft, Forge
from evidenced.app.tracker_request import AbsentError, RefusedError, TrackerError
from evidenced.app.tracking_book import Book
from evidenced.config.tracker import TrackerSettings
from evidenced.workflow import tracker_text as text
from evidenced.workflow.tracker import (
    Left,
    Outage,
    Pace,
    is_certain,
    is_news,
    is_over,
    may_ask_for_one,
)
from evidenced.workflow.tracker_marker import Marker, Said, marked, marker_in, said_in, signed
from evidenced.workflow.tracker_match import Choice, Issue, choose, marker_of

SKEW = 600.0
"""Seconds by which the clock of a tracker may differ from ours."""

_MOST_LINKS = 10


@dataclass(slots=True)
class Counts:
    """What was done so far."""

    opened: int = 0
    failures: int = 0


class Clerk:
    """Does what is to be done about one outage at a time, and can be stopped at any moment.

    Each step is derived from what the tracker has, not from what was sent before: a step whose
    answer was lost is seen to be done the next time, or is done again.
    """

    def __init__(
        self,
        forge: Forge,
        settings: TrackerSettings,
        pace: Pace,
        book: Book,
        told: Callable[[Outage], Awaitable[text.Told | None]],
        clock: Callable[[], float],
        counts: Counts,
    ) -> None:
        self._forge = forge
        self._settings = settings
        self._pace = pace
        self._book = book
        self._told = told
        self._clock = clock
        self._counts = counts
        self._unassignable = False
        self._log = structlog.get_logger().bind(repository=settings.repository)

    async def work(self, outage: Outage) -> None:
        """Do what is due about an outage; raises TrackerError."""
        outage, choice = await self._look(outage)
        outage = self._book.learn(outage, looked=self._clock())
        if choice.keep is None or choice.marker is None:
            await self._without(outage)
            return
        for issue, marker in choice.duplicates:
            await self._end_duplicate(issue, marker, choice.keep.number)
        outage = self._take(outage, choice.keep, choice.marker)
        if choice.keep.open:
            await self._with_open(outage, choice.keep, choice.marker)
        else:
            await self._with_closed(outage, choice.keep, choice.marker)

    async def _look(self, outage: Outage) -> tuple[Outage, Choice]:
        """What the tracker has of this outage."""
        label = self._settings.labels[0]
        try:
            found = list(await self._forge.listed(label, outage.began - SKEW))
        except AbsentError as error:
            name = self._settings.repository
            raise TrackerError(f"shows no issues of {name}: {error}") from None
        number, listed = outage.number, {issue.number: issue for issue in found}
        for _ in range(_MOST_LINKS):
            if number is None:
                break
            known = listed.get(number)
            if known is None:
                # Not in a list: maybe not yet, or somebody took the label off, or it is gone.
                known = await self._if_there(number)
            if known is None:
                break
            found.append(known)
            marker = marker_in(known.body)
            if marker is None or marker.duplicate is None:
                break
            number = marker.duplicate
        outage = replace(outage, number=number)
        return outage, choose(found, outage, label)

    async def _if_there(self, number: int) -> Issue | None:
        try:
            return await self._forge.issue(number)
        except AbsentError:
            return None

    async def _without(self, outage: Outage) -> None:
        """There is no issue of this outage."""
        now = self._clock()
        if outage.number is not None:
            if is_certain(outage, self._pace, now):
                self._leave(outage, Left.GONE)
        elif may_ask_for_one(outage, self._pace, now):
            await self._open(outage)

    async def _open(self, outage: Outage) -> None:
        before = outage.tried
        # The record of the evidence is on disk with it, too.
        outage = await self._book.surely(outage, tried=self._clock())
        told = await self._told(outage)
        if told is None:
            # The ledger has no such claim any more, and nobody heard of its outage.
            self._book.forget(outage)
            return
        try:
            issue = await self._opened(self._draft(outage, told))
        except TrackerError as error:
            if not error.done:
                self._book.learn(outage, tried=before)
            raise
        now = self._clock()
        told_now = told.matter.summary
        outage = self._book.learn(
            outage, number=issue.number, tried=None, opened=now, said=now, told=told_now
        )
        self._counts.opened += 1
        self._log.info("issue opened", claim=outage.claim, number=issue.number, drill=outage.drill)
        await self._see_to_labels(issue)
        # Another daemon may have opened one at the same time.
        await self.work(outage)

    def _draft(self, outage: Outage, told: text.Told) -> Draft:
        settings, drill = self._settings, (text.DRILL,) if outage.drill else ()
        return Draft(
            text.title(told, settings.template.title),
            marked(text.body(told, settings.template.body), marker_of(outage)),
            tuple(dict.fromkeys((*settings.labels, *drill))),
            () if self._unassignable else settings.assignees,
        )

    async def _opened(self, draft: Draft) -> Issue:
        """Open it; without assignees where the forge does not take these."""
        try:
            return await self._forge.open(draft)
        except RefusedError as error:
            if not draft.assignees:
                raise
            issue = await self._forge.open(replace(draft, assignees=()))
            self._unassignable = True
            self._log.warning("issues cannot be assigned", reason=str(error))
            return issue

    async def _see_to_labels(self, issue: Issue) -> None:
        """GitHub leaves labels out without a word where the token may not set them."""
        label = self._settings.labels[0]
        if label.casefold() in map(str.casefold, issue.labels):
            return
        try:
            await self._forge.label(issue.number, self._settings.labels)
        except (AbsentError, RefusedError) as error:
            self._log.error(
                "the token may not set labels, so issues cannot be found again",
                label=label,
                reason=str(error),
            )

    def _take(self, outage: Outage, keep: Issue, marker: Marker) -> Outage:
        """Have this issue for the outage, if it is not so already."""
        now = self._clock()
        if outage.number == keep.number and outage.opened is not None:
            late = is_certain(outage, self._pace, now)
            return self._book.learn(outage, confirmed=outage.confirmed or late)
        matter = self._book.matter(outage)
        # What another daemon has told of this outage is told.
        known = marker.ended is None and matter is not None
        return self._book.learn(
            outage,
            number=keep.number,
            tried=None,
            opened=now,
            confirmed=False,
            told=matter.summary if known and matter else "",
            said=now if known else None,
        )

    async def _with_open(self, outage: Outage, keep: Issue, marker: Marker) -> None:
        now, calm = self._clock(), outage.calm
        if calm is not None:
            # Not before it was looked at again: another daemon may have opened one, too.
            if outage.confirmed and is_over(outage, self._pace, now):
                if marker.ended is None or marker.ended < calm:
                    await self._close(outage, keep, marker)
                else:
                    self._book.forget(outage)
            return
        if marker.ended is not None:
            outage = await self._begin_again(outage, keep, marker)
        await self._tell(outage, keep)

    async def _with_closed(self, outage: Outage, keep: Issue, marker: Marker) -> None:
        if is_over(outage, self._pace, self._clock()):
            self._book.forget(outage)
        elif marker.ended is None:
            self._leave(outage, Left.CLOSED)
        elif outage.calm is None:
            # Another daemon saw the end of it; here it lasts.
            outage = await self._begin_again(outage, keep, marker)
            await self._tell(outage, keep)

    async def _begin_again(self, outage: Outage, keep: Issue, marker: Marker) -> Outage:
        body = marked(keep.body, replace(marker, ended=None))
        await self._forge.change(keep.number, body, open=True, reason="reopened")
        return self._book.learn(outage, told="")

    async def _tell(self, outage: Outage, keep: Issue) -> None:
        """Tell the symptoms where they are news, unless another daemon did so lately."""
        matter, now, every = self._book.matter(outage), self._clock(), self._pace.comment_every
        if matter is None or not is_news(outage, matter.summary, self._pace, now):
            return
        symptoms = matter.summary
        lately = [
            one
            for one in await self._said(keep.number, now - every)
            if not one.end and 0 <= now - one.at < every
        ]
        if lately:
            last = max(lately, key=lambda one: one.at)
            same = {"told": symptoms} if last.symptoms == symptoms else {}
            self._book.learn(outage, said=last.at, **same)
            return
        told = await self._told(outage)
        if told is None:
            return
        before = outage.said
        outage = await self._book.surely(outage, said=now)
        said = Said(outage=outage.id, end=False, at=now, symptoms=symptoms)
        try:
            await self._forge.comment(keep.number, signed(text.news(told), said))
        except TrackerError as error:
            if not error.done:
                self._book.learn(outage, said=before)
            raise
        self._book.learn(outage, told=symptoms)

    async def _close(self, outage: Outage, keep: Issue, marker: Marker) -> None:
        """Say that the outage is over, and close its issue."""
        calm = outage.calm if outage.calm is not None else self._clock()
        said = await self._said(keep.number, calm - SKEW)
        if not any(one.end and one.at >= calm for one in said):
            now = self._clock()
            if outage.farewell is not None and 0 <= now - outage.farewell < self._pace.lag:
                return
            outage = await self._bid_farewell(outage, keep.number, calm)
        done = marked(keep.body, replace(marker, ended=self._clock()))
        closing = False if self._settings.close else None
        await self._forge.change(keep.number, done, open=closing, reason="completed")
        self._log.info("outage is over", claim=outage.claim, number=keep.number)
        self._book.forget(outage)

    async def _bid_farewell(self, outage: Outage, number: int, calm: float) -> Outage:
        told = await self._told(outage)
        words = text.recovery(told, outage.began, calm, drill=outage.drill)
        now = self._clock()
        outage = await self._book.surely(outage, farewell=now)
        try:
            said = Said(outage=outage.id, end=True, at=now)
            await self._forge.comment(number, signed(words, said))
        except RefusedError as error:
            self._log.warning("the tracker takes no comment", number=number, reason=str(error))
        except TrackerError as error:
            if not error.done:
                self._book.learn(outage, farewell=None)
            raise
        return outage

    async def _said(self, number: int, since: float) -> list[Said]:
        texts = await self._forge.comments(number, since - SKEW)
        return [said for one in texts if (said := said_in(one)) is not None]

    async def _end_duplicate(self, issue: Issue, marker: Marker, stays: int) -> None:
        body = f"Duplicate of #{stays}.\n\n{issue.body}"
        ended = self._clock() if marker.ended is None else marker.ended
        body = marked(body, replace(marker, ended=ended, duplicate=stays))
        await self._forge.change(issue.number, body, open=False, reason="not_planned")
        self._log.info("duplicate issue closed", number=issue.number, stays=stays)

    def _leave(self, outage: Outage, why: Left) -> None:
        self._log.warning(
            "nothing more is told of this outage: somebody dealt with its issue",
            claim=outage.claim,
            number=outage.number,
            issue=why.value,
        )
        self._book.learn(outage, left=why, number=outage.number)
