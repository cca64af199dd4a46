"""`/feed.atom`: the changes of standing as an Atom feed (RFC 4287)."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element

from aiohttp import web

from evidenced import __version__
from evidenced.evidence.reader import Reader
from evidenced.evidence.records import Evidence
from evidenced.evidence.trouble import StoreTroubleError
from evidenced.publish.api_answer import revalidated
from evidenced.publish.api_query import FeedQuery, parameters
from evidenced.publish.body import RefusedError
from evidenced.publish.problem import problem
from evidenced.publish.xml_text import child, xml_bytes
from evidenced.watch.board import Board
from evidenced.workflow.edits import excerpt
from evidenced.workflow.proof_text import moment

PATH = "/feed.atom"
ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"


@dataclass(frozen=True, slots=True)
class FeedDoor:
    """Tells of the newest changes of standing.

    `external_url` is how people reach the daemon, without a slash at its end; without it all links
    are relative.
    """

    board: Board
    reader: Reader
    external_url: Callable[[], str | None]

    def routes(self) -> list[web.RouteDef]:
        """The path that this answers."""
        return [web.get(PATH, self._feed)]

    async def _feed(self, request: web.Request) -> web.Response:
        try:
            query = parameters(request, FeedQuery)
            records = await self.reader.evidence(query.claim, limit=query.limit)
        except RefusedError as refused:
            return refused.answer
        except StoreTroubleError:
            return problem(503, "the store cannot be read just now: try again later")
        shown = [one for one in records if query.drills or not one.drill]
        titles = {name: claim.item.title for name, claim in self.board.claims.items()}
        since = self.board.reading.config_loaded_at
        body = await asyncio.to_thread(
            atom, shown, titles, self.external_url() or "", since, query.claim
        )
        answer = web.Response(body=body, content_type=MEDIA_TYPE, charset="utf-8")
        return revalidated(request, answer)


def atom(
    records: Sequence[Evidence],
    titles: Mapping[str, str],
    base: str,
    since: float,
    claim: str | None = None,
) -> bytes:
    """The feed of these records, newest first: of one claim, or of all.

    `titles` are those of claims by their ids, `base` begins all links, and `since` (in seconds
    since the epoch) is when a feed without entries was updated.
    """
    own = f"{base}{PATH}" + (f"?claim={quote(claim, safe='')}" if claim is not None else "")
    root = Element("feed", {"xmlns": ATOM})
    about = f" of {titles.get(claim, claim)}" if claim is not None else ""
    child(root, "title", f"evidenced: changes of standing{about}")
    child(root, "id", identifier(own))
    child(root, "updated", moment(max((one.at for one in records), default=since)))
    child(child(root, "author"), "name", "evidenced")
    child(root, "generator", "evidenced", version=__version__)
    child(root, "link", rel="self", type=MEDIA_TYPE, href=own)
    page = f"{base}/claims/{quote(claim, safe='')}" if claim is not None else f"{base}/"
    child(root, "link", rel="alternate", href=page)
    for record in records:
        _entry(root, record, titles.get(record.claim, record.claim), base)
    return xml_bytes(root)


def identifier(name: str) -> str:
    """The permanent name of something that has this one: the same for ever (RFC 9562, UUID v5)."""
    return uuid5(NAMESPACE_URL, name).urn


def _entry(root: Element, record: Evidence, title: str, base: str) -> None:
    entry = child(root, "entry")
    marked = "[drill] " if record.drill else ""
    child(entry, "title", f"{marked}{title}: {record.before} → {record.standing}")
    child(entry, "id", identifier(f"urn:sha256:{record.hash}"))
    child(entry, "updated", moment(record.at))
    child(entry, "published", moment(record.at))
    child(entry, "link", rel="alternate", href=f"{base}/claims/{quote(record.claim, safe='')}")
    child(entry, "category", term=record.standing, label=f"standing: {record.standing}")
    child(entry, "category", term=record.section, label=f"section: {record.section}")
    if record.drill:
        child(entry, "category", term="drill", label="only rehearsed")
    child(entry, "summary", _told(record), type="text")


def _told(record: Evidence) -> str:
    where = f" at {record.location}" if record.location else ""
    by = f", by check {record.check}{where}" if record.check else ""
    why = excerpt(record)
    rehearsed = "This is only rehearsed. " if record.drill else ""
    return f"{rehearsed}Claim {record.claim} ({record.section}){by}." + (f" {why}" if why else "")
