"""The prober `http`: one request, its redirects, and what the answer must be."""

from email.utils import parsedate_to_datetime
from functools import partial

import aiohttp
from aiohttp import hdrs

from evidenced.config.blackbox.http import HttpModule
from evidenced.probes.address import Address
from evidenced.probes.client import WatchedResponse
from evidenced.probes.course import Course, Phase
from evidenced.probes.request import RedirectError, Request
from evidenced.probes.threads import in_thread
from evidenced.probes.trouble import failure_of
from evidenced.probes.trust import TrustError
from evidenced.publish.blackbox.decompress import CompressionError, decompressor
from evidenced.publish.blackbox.guard import RefusedError
from evidenced.publish.blackbox.http_client import Requester, UnresolvedError, first_request
from evidenced.publish.blackbox.http_oauth2 import TokenError, add_token
from evidenced.publish.blackbox.http_rules import (
    body_matches,
    has_body_patterns,
    has_cel,
    has_header_patterns,
    headers_match,
    is_valid_status,
    is_valid_version,
    json_matches,
)
from evidenced.publish.blackbox.look import Look

JUDGED_LIMIT = 16 * 1024 * 1024
"""Bytes of a body that are kept to be searched."""

_AT_ONCE = 64 * 1024


class BodyError(Exception):
    """The body cannot be read as the module says; the text says why."""


async def probe(look: Look) -> bool:
    """Look once; see `Prober`."""
    keys, findings, log = look.module.http, look.findings, look.log
    for name in _ALWAYS:
        findings.set(name)
    if has_cel(keys):
        findings.set("probe_failed_due_to_cel")
    target = look.target if "://" in look.target else f"http://{look.target}"
    try:
        address = Address.parse(target)
    except ValueError as error:
        look.tell_no_address()
        findings.set("probe_http_duration_seconds", phase="resolve")
        log.fail("Could not parse target URL", err=error)
        return False
    request = await _first_request(address, look, keys)
    try:
        async with Requester(look, keys) as requester:
            try:
                await add_token(look, request.headers, keys.oauth2)
                response = await requester.send(request)
                return await _Answer(look, keys, requester, response).judge()
            except RefusedError as error:
                if not requester.hops.redirects:
                    raise
                log.fail("Not following redirect", err=error)
            finally:
                findings.set("probe_http_redirects", requester.hops.redirects)
    except UnresolvedError:
        return False
    except (aiohttp.ClientError, OSError, RedirectError, TrustError, TokenError) as error:
        failure = failure_of(error, Course.current(), address)
        log.fail("Error for HTTP request", err=failure.detail if failure else error)
    finally:
        _tell_phases(look)
    return False


async def _first_request(address: Address, look: Look, keys: HttpModule) -> Request:
    reads_files = keys.body_file or any(header.files for header in keys.http_headers.values())
    if reads_files:
        return await in_thread(partial(first_request, address, look, keys))
    return first_request(address, look, keys)


_ALWAYS = (
    "probe_failed_due_to_regex",
    "probe_http_content_length",
    "probe_http_redirects",
    "probe_http_ssl",
    "probe_http_status_code",
    "probe_http_uncompressed_body_length",
    "probe_http_version",
)


class _Answer:
    """The last answer of a look."""

    def __init__(
        self,
        look: Look,
        keys: HttpModule,
        requester: Requester,
        response: aiohttp.ClientResponse,
    ) -> None:
        self._look = look
        self._keys = keys
        self._followed = requester.hops.followed
        self._response = response
        self._length = 0

    async def judge(self) -> bool:
        """Read the answer, tell of it, and say whether it is as the module asks."""
        look, keys, response, log = self._look, self._keys, self._response, self._look.log
        log.tell("Received HTTP response", status_code=response.status)
        self._tell_head()
        good = is_valid_status(response.status, keys, log)
        if good and has_header_patterns(keys):
            good = headers_match(response.headers, keys, log)
            look.findings.set("probe_failed_due_to_regex", not good)
        good = await self._body_is_good(good=good)
        version = _version(response)
        good = is_valid_version(version, keys, log) and good
        return self._tls_is_good(good=good)

    async def _body_is_good(self, *, good: bool) -> bool:
        look, keys, log = self._look, self._keys, self._look.log
        if not self._followed:
            # The body of a redirect that is not followed is not read.
            if good and (has_body_patterns(keys) or has_cel(keys)):
                log.fail("Error reading HTTP body", err="redirect not followed")
                return False
            return good
        Course.current().enter(Phase.TRANSFER)
        searched = good and (has_body_patterns(keys) or has_cel(keys))
        try:
            body = await self._read(keep=searched)
        except (BodyError, CompressionError, aiohttp.ClientError, OSError) as error:
            failure = (
                failure_of(error, Course.current(), Address.parse(str(self._response.url)))
                if isinstance(error, aiohttp.ClientError)
                else None
            )
            log.fail("Failed to read HTTP response body", err=failure.detail if failure else error)
            return False
        finally:
            look.findings.set("probe_http_uncompressed_body_length", self._length)
            Course.current().end()
        if good and has_body_patterns(keys):
            good = await look.workers.run(partial(body_matches, body, keys, log))
            look.findings.set("probe_failed_due_to_regex", not good)
        if good and has_cel(keys):
            good = await look.workers.run(partial(json_matches, body, keys, log))
            look.findings.set("probe_failed_due_to_cel", not good)
        return good

    async def _read(self, *, keep: bool) -> bytes:
        """The body, decompressed, as far as it is to be searched; all of it is read."""
        limit, kept = self._keys.body_size_limit, bytearray()
        plain = decompressor(self._keys.compression)
        while data := await self._response.content.read(_AT_ONCE):
            for piece in plain.feed(data):
                self._length += len(piece)
                if limit and self._length > limit:
                    self._length = limit
                    raise BodyError("http: request body too large")
                if keep:
                    kept += piece
                    if len(kept) > JUDGED_LIMIT:
                        raise BodyError(f"more than {JUDGED_LIMIT // 1024**2} MiB to search")
        plain.end()
        return bytes(kept)

    def _tell_head(self) -> None:
        findings, response = self._look.findings, self._response
        findings.set("probe_http_status_code", response.status)
        findings.set("probe_http_content_length", _content_length(response))
        findings.set("probe_http_version", float(_version(response).removeprefix("HTTP/")))
        changed = _modified(response.headers.get(hdrs.LAST_MODIFIED))
        if changed is not None:
            findings.set("probe_http_last_modified_timestamp_seconds", changed)

    def _tls_is_good(self, *, good: bool) -> bool:
        keys, findings, log, response = (
            self._keys,
            self._look.findings,
            self._look.log,
            self._response,
        )
        if response.url.scheme == "https":
            findings.set("probe_http_ssl", 1)
            if isinstance(response, WatchedResponse):
                self._look.tell_tls(response.chain)
                findings.set("probe_tls_cipher_info", 1, cipher=response.chain.cipher)
            if keys.fail_if_ssl:
                log.fail("Final request was over SSL")
                return False
        elif keys.fail_if_not_ssl and good:
            log.fail("Final request was not over SSL")
            return False
        return good


def _tell_phases(look: Look) -> None:
    course = Course.current()
    course.end()
    resolved = look.findings.value("probe_ip_protocol") > 0
    phases = course.phases if resolved else {"resolve": course.phases.get("resolve", 0.0)}
    for phase, seconds in phases.items():
        look.findings.set("probe_http_duration_seconds", seconds, phase=phase)


def _version(response: aiohttp.ClientResponse) -> str:
    version = response.version
    return f"HTTP/{version.major}.{version.minor}" if version else "HTTP/0.0"


def _content_length(response: aiohttp.ClientResponse) -> int:
    """The length that the answer says, 0 where it cannot have a body, -1 where it does not say."""
    if response.method != "HEAD" and response.status in {204, 304}:
        return 0
    length = response.content_length
    chunked = "chunked" in response.headers.get(hdrs.TRANSFER_ENCODING, "").lower()
    return -1 if length is None or chunked else length


def _modified(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, OverflowError):
        return None
