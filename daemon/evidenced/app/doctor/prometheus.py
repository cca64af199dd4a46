"""Whether a Prometheus scrapes the daemon, has its rules, and sends alerts somewhere."""

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from evidenced.app.doctor.asking import AskError, asked, document
from evidenced.app.doctor.finding import Finding, not_looked_at, ok, problem, some, warning
from evidenced.app.doctor.subject import Subject
from evidenced.config.http import without_secrets
from evidenced.config.kinds.http_request import HttpAuth
from evidenced.config.kinds.prometheus import PrometheusSettings
from evidenced.config.model import Config
from evidenced.config.tls import TlsSettings
from evidenced.config.words import counted
from evidenced.publish.rules import groups
from evidenced.publish.rules_patience import patience_of
from evidenced.publish.rules_settings import RuleSettings

_HERE = frozenset({"127.0.0.1", "::1", "localhost"})
_SCRAPE = "config/prometheus/prometheus.yml has a job for it"


@dataclass(frozen=True, slots=True)
class _Server:
    """A Prometheus, and what is shown to it."""

    url: str
    headers: dict[str, str]
    auth: HttpAuth | None = None
    tls: TlsSettings | None = None


async def examine(subject: Subject) -> tuple[Finding, ...]:
    """What the Prometheus says that is named, else the one of a check of that kind."""
    server = _server(subject)
    if server is None:
        mend = "name it with --prometheus URL"
        return (not_looked_at("no Prometheus is named, and no check asks one", mend),)
    try:
        query = f"query?{urlencode({'query': _own(subject.config)})}"
        paths = ("targets?state=active", "rules", "alertmanagers", query)
        answers = await asyncio.gather(*(_data(subject, server, path) for path in paths))
        targets, rules, peers, seen = answers
        return (
            _scraped(subject, targets["activeTargets"]),
            *_selected(subject.config, seen["result"]),
            *_ruled(subject, rules["groups"]),
            *_alerting(subject.config, peers["activeAlertmanagers"]),
        )
    except AskError as error:
        mend = "see that Prometheus runs there, and that its address is right"
        return (problem(str(error), mend),)
    except (LookupError, TypeError, AttributeError):
        mend = "correct the address, path prefix included"
        return (problem(f"{without_secrets(server.url)} is no Prometheus", mend),)


def _server(subject: Subject) -> _Server | None:
    if subject.places.prometheus is not None:
        return _Server(subject.places.prometheus, {})
    for check in subject.loaded.plan.checks if subject.loaded else ():
        if isinstance(check.settings, PrometheusSettings):
            of = check.settings
            headers = {name: value.reveal() for name, value in of.headers.items()}
            return _Server(of.server, headers, of.auth, of.tls)
    return None


async def _data(subject: Subject, server: _Server, path: str) -> Any:  # noqa: ANN401  plain data
    url = f"{server.url.rstrip('/')}/api/v1/{path}"
    text = await asked(
        url, subject.resources, headers=server.headers, auth=server.auth, tls=server.tls
    )
    return document(text, without_secrets(server.url))["data"]


def _own(config: Config) -> str:
    return f"evidenced_build_info{{{config.rules.selector}}}"


def _scraped(subject: Subject, targets: list[dict[str, Any]]) -> Finding:
    """Whether one of the targets is the address that the daemon listens on."""
    ours = [one for one in targets if _is_ours(one, subject.config)]
    listen = subject.config.listen
    if not ours:
        others = [one for one in targets if one["labels"].get("job") == "evidenced"]
        hint = f"; its job evidenced scrapes {others[0]['labels']['instance']}" if others else ""
        mend = f"add {listen} to `scrape_configs` ({_SCRAPE}), and reload Prometheus"
        return problem(f"Prometheus does not scrape {listen}{hint}", mend)
    down = [one for one in ours if one["health"] == "down"]
    if len(down) == len(ours):
        mend = "see that the daemon runs, and the token and TLS of that scrape job"
        return problem(f"Prometheus cannot scrape the daemon: {down[0]['lastError']}", mend)
    if all(one["health"] == "unknown" for one in ours):
        return warning("Prometheus has not scraped the daemon yet", "look again in a minute")
    return ok(f"Prometheus scrapes {ours[0]['labels']['instance']}")


def _is_ours(target: dict[str, Any], config: Config) -> bool:
    """Whether a target has the port that is listened on, and a host that may be this one."""
    host, _, port = config.listen.rpartition(":")
    scraped = urlsplit(target["scrapeUrl"])
    known = {host.strip("[]"), socket.gethostname(), *_HERE}
    if config.external_url is not None:
        outside = urlsplit(config.external_url)
        if (scraped.hostname, scraped.port) == (outside.hostname, outside.port):
            return True
    everywhere = host in ("", "0.0.0.0", "[::]")  # noqa: S104  compared, never listened on
    return str(scraped.port) == port and (everywhere or scraped.hostname in known)


def _selected(config: Config, result: list[object]) -> Iterator[Finding]:
    if not result:
        yield problem(
            f"no series of a daemon has {config.rules.selector}, by which the rules look for it",
            "set `rules.selector` to the labels of the scrape job, and make the rules anew",
        )


def _ruled(subject: Subject, found: list[dict[str, Any]]) -> Iterator[Finding]:
    """Whether the rules that this configuration makes are there, by their names, and work."""
    there = [rule for group in found for rule in group["rules"]]
    wanted = _names(subject.config)
    names = {rule["name"] for rule in there}
    missing = [name for name in wanted if name not in names]
    mend = (
        f"`evidenced rules -c {subject.path} -o evidenced.rules.yml`, name the file under "
        "`rule_files`, and reload Prometheus"
    )
    if missing:
        what = f"Prometheus lacks {len(missing)} of {len(wanted)} rules: {some(missing, 3)}"
        yield problem(what, mend)
    broken = [rule for rule in there if rule["name"] in wanted and rule["health"] == "err"]
    for rule in broken:
        yield problem(f"the rule {rule['name']} fails: {rule.get('lastError', '')}", mend)
    if not missing and not broken:
        yield ok(f"Prometheus has all {len(wanted)} rules")


def _names(config: Config) -> list[str]:
    """The names of all rules of a configuration, each once."""
    settings = RuleSettings.of(config, {})
    made = groups(config, settings, patience_of(config, settings.margin))
    rules = (rule for group in made for rule in group.rules)
    return list(dict.fromkeys(rule.name for rule in rules))


def _alerting(config: Config, peers: list[dict[str, Any]]) -> Iterator[Finding]:
    if peers:
        yield ok(f"Prometheus sends alerts to {counted(len(peers), 'Alertmanager')}")
    elif config.alertmanager is None:
        yield warning(
            "Prometheus sends alerts nowhere, so nobody is paged",
            "name an Alertmanager under `alerting` of prometheus.yml",
        )
