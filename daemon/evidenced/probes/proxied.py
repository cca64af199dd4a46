"""What goes wrong at a proxy, which is a part of the looker and not of the target."""

import aiohttp

from evidenced.probes.address import Address
from evidenced.probes.attempt import Failure, Reason, one_line

_MISSING_CREDENTIALS = 407


def proxy_authorization(proxy: str | None) -> str | None:
    """The header for the credentials in a proxy's address, or None where there are none."""
    credentials = Address.parse(proxy).credentials if proxy else None
    return aiohttp.encode_basic_auth(*credentials) if credentials else None


def proxy_failure(error: Exception, proxy: str | None, asked: Address) -> Failure | None:
    """The failure that an exception means where a proxy was gone through; None for all others.

    A proxy that cannot be reached, or does not let us through, says nothing about the target. One
    that cannot reach the target itself does.
    """
    if proxy is None:
        return None
    via = Address.parse(proxy)
    match error:
        case aiohttp.ClientHttpProxyError(status=status) if status == _MISSING_CREDENTIALS:
            return _amiss(f"the proxy {via.peer} wants other credentials (it answers 407)")
        case aiohttp.ClientHttpProxyError(status=status):
            detail = f"the proxy {via.peer} answers {status} when asked for {asked.peer}"
            return Failure(Reason.CONNECT, "", one_line(detail))
        case aiohttp.ClientProxyConnectionError():
            return _amiss(f"no connection to the proxy {via.peer}: check `proxy`, or the proxy")
        case aiohttp.ClientConnectorDNSError(host=host) if host == via.host:
            return _amiss(f"the name of the proxy {via.peer} cannot be resolved: check `proxy`")
    return None


def _amiss(detail: str) -> Failure:
    return Failure(Reason.DEPENDENCY, "", one_line(detail))
