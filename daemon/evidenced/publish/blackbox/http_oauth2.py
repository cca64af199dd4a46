"""Tokens by client credentials (RFC 6749, 4.4), for modules with `oauth2`."""

import aiohttp
from aiohttp import hdrs
from multidict import CIMultiDict

from evidenced.config.blackbox.http import Oauth2
from evidenced.probes.address import Address
from evidenced.publish.blackbox.look import Look

_LIMIT = 64 * 1024


class TokenError(Exception):
    """The token's server gives none; the text says why."""


async def add_token(look: Look, headers: CIMultiDict[str], keys: Oauth2 | None) -> None:
    """Put a token into the headers, where the module asks for one; raises TokenError.

    The server is the operator's own choice, so the allow list is not asked.
    """
    if keys is None:
        return
    address = Address.parse(keys.token_url)
    form = {"grant_type": "client_credentials", **keys.endpoint_params}
    if keys.scopes:
        form["scope"] = " ".join(keys.scopes)
    secret = keys.client_secret.reveal() if keys.client_secret else ""
    async with look.resources.session(keep=False) as session:
        response = await session.post(
            address.url(),
            data=form,
            headers={hdrs.AUTHORIZATION: aiohttp.encode_basic_auth(keys.client_id, secret)},
            allow_redirects=False,
            ssl=await look.trust(keys.tls_config) if address.scheme == "https" else True,
            server_hostname=keys.tls_config.server_name or None,
        )
        async with response:
            if response.status != 200 or (response.content_length or 0) > _LIMIT:
                raise TokenError(f"the token's server answers {response.status}")
            try:
                answer = await response.json(content_type=None)
                token, kind = answer["access_token"], answer.get("token_type", "Bearer")
            except (ValueError, LookupError, TypeError, AttributeError):
                raise TokenError("the token's server answers without a token") from None
    scheme = "Bearer" if str(kind).lower() == "bearer" else kind
    headers.setdefault(hdrs.AUTHORIZATION, f"{scheme} {token}")
