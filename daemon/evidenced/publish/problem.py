"""Answers that say what was wrong with a request, for programs and people (RFC 9457)."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from aiohttp import web

MEDIA_TYPE = "application/problem+json"


def problem(
    status: int,
    detail: str,
    *,
    errors: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """An answer of this status with one sentence, and a line for each of several mistakes."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **({"errors": list(errors)} if errors else {}),
    }
    text = json.dumps(body, ensure_ascii=False) + "\n"
    return web.Response(status=status, text=text, content_type=MEDIA_TYPE, headers=headers)
