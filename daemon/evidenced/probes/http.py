"""The look at an HTTP address: ask, follow, read, judge, all within one deadline."""

from evidenced.config.kinds.http import HttpSettings
from evidenced.probes.addresses import look_at_each
from evidenced.probes.attempt import Attempt
from evidenced.probes.resources import Resources
from evidenced.probes.steps import walk
from evidenced.probes.visit import Visit
from evidenced.probes.visitor import Visitor


async def probe(settings: HttpSettings, timeout: float, resources: Resources) -> Attempt:
    """Take one look at an HTTP address; see `Probe` for what holds for all kinds.

    Facts: `status_code`, `redirects` (followed), `content_length` (-1 where the answer does not
    say), `body_bytes` (decompressed, as far as read), `ssl`, `version`, `ip_protocol` and `address`
    (but through a proxy), `final_url`, `location` (the last one seen), `last_modified` (in Unix
    time), and those of the certificates shown, trusted or not (`certificate.certificate_facts`).
    Addresses are without user information and query. With steps they are those of the last one
    that was taken, whose name is `step`; with every address looked at, `addresses` is how many
    there were and `addresses_failed` how many of them failed. Judgements are there where there was
    an answer to judge.
    """
    if settings.steps:
        return await walk(settings, timeout, resources)
    if settings.every_address:
        return await look_at_each(settings, timeout, resources)
    visit = Visit(settings, resources)

    async def ask(visitor: Visitor) -> None:
        await visit.ask(visitor, settings)

    return await visit.take(timeout, ask)
