"""What the receivers of the shipped configuration really send, and with which secrets."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from integration.alerting import Inbox, alertmanager, hurried, shipped
from integration.conftest import eventually

SUMMARY = "Production contradicts a claim that the ledger holds as CLOSED."
FOUND = "Check till of https://bread.example/till: expected 200, found <b>500</b> (status)."
CLAIM = {
    "labels": {
        "alertname": "EvidencedClosedClaimContradicted",
        "severity": "critical",
        "job": "evidenced",
        "claim": "till",
        "section": "closed",
    },
    "annotations": {
        "summary": SUMMARY,
        "description": f'The CLOSED claim till ("The till") is contradicted.\n{FOUND}',
        "proof_url": "https://proof.example/claims/till",
    },
}
DRILL = {**CLAIM, "labels": {**CLAIM["labels"], "drill": "true"}}
WATCHDOG = {
    "labels": {"alertname": "EvidencedWatchdog", "severity": "none"},
    "annotations": {"summary": "Alerting works."},
}


@dataclass(slots=True)
class Post:
    """A mail server on loopback, which keeps what it gets and who sent it."""

    address: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 post\r\n")
        while line := await reader.readline():
            verb = line.split()[0].upper()
            if verb == b"EHLO":
                writer.write(b"250-post\r\n250 AUTH PLAIN\r\n")
            elif verb == b"AUTH":
                self.logins.append(base64.b64decode(line.split()[2]))
                writer.write(b"235 welcome\r\n")
            elif verb == b"DATA":
                writer.write(b"354 go on\r\n")
                raw = await reader.readuntil(b"\r\n.\r\n")
                mail = message_from_bytes(raw[:-5], policy=policy.default)
                assert isinstance(mail, EmailMessage)
                self.mails.append(mail)
                writer.write(b"250 taken\r\n")
            elif verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 fine\r\n")
        writer.close()

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator["Post"]:
        post = cls()
        server = await asyncio.start_server(post._talk, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        post.address = f"{host}:{port}"
        async with server:
            yield post


def at_home(config: dict[str, Any], inbox: Inbox, post: Post, folder: Path) -> dict[str, Any]:
    """The configuration with the same receivers, but their addresses and secrets are the test's."""

    def secret(name: str, text: str) -> str:
        (folder / name).write_text(text, "utf-8")
        return str(folder / name)

    config["global"] |= {
        "smtp_smarthost": post.address,
        "smtp_require_tls": False,
        "smtp_auth_password_file": secret("smtp-password", "loaf"),
        "slack_api_url_file": secret("slack-url", f"{inbox.url}/slack"),
        "pagerduty_url": f"{inbox.url}/pagerduty",
    }
    for receiver in config["receivers"]:
        for one in receiver.get("pagerduty_configs", []):
            one["routing_key_file"] = secret("pagerduty-key", "yeast")
        for one in receiver.get("webhook_configs", []):
            one["url"] = f"{inbox.url}/{receiver['name']}"
            token = secret(f"token-{receiver['name']}", f"salt {receiver['name']}")
            one["http_config"]["authorization"]["credentials_file"] = token
    return config


async def test_each_way_shows_the_proof_and_reads_its_secret_from_a_file(tmp_path: Path) -> None:
    async with Inbox.open() as inbox, Post.open() as post:
        config = at_home(hurried(shipped()), inbox, post, tmp_path)
        async with alertmanager(config, tmp_path) as manager:
            await manager.post(CLAIM, DRILL, WATCHDOG)
            # A page and a drill in Slack, a page, a drill and a watchdog, and a mail.

            async def told() -> bool:
                return len(inbox.notifications) >= 5 and bool(post.mails)

            await eventually(told, 30)

    slack = {one.body["attachments"][0]["title"]: one.body for one in inbox.to("slack")}
    assert set(slack) == {
        f"[FIRING:1] {SUMMARY} (till)",
        f"DRILL, nothing is broken: [FIRING:1] {SUMMARY} (till)",
    }
    for title, body in slack.items():
        (shown,) = body["attachments"]
        assert "expected 200, found &lt;b&gt;500&lt;/b&gt; (status)." in shown["text"]
        assert "<https://proof.example/claims/till|Proof>" in shown["text"]
        assert shown["title_link"] == "https://proof.example/claims/till"
        assert ("This is a DRILL" in shown["text"]) == title.startswith("DRILL")

    (page,) = inbox.to("pagerduty")
    assert page.body["routing_key"] == "yeast"
    assert page.body["event_action"] == "trigger"
    assert page.body["client_url"] == "https://proof.example/claims/till"
    payload = page.body["payload"]
    assert payload["summary"] == f"[FIRING:1] {SUMMARY} (till)"
    assert payload["severity"] == "critical"
    assert FOUND in payload["custom_details"]["firing"]
    assert "Proof: https://proof.example/claims/till" in payload["custom_details"]["firing"]

    (drill,) = inbox.to("evidenced-drill")
    assert drill.authorization == "Bearer salt evidenced-drill"
    assert drill.body["commonLabels"]["drill"] == "true"
    (watchdog, *_) = inbox.to("evidenced-watchdog")
    assert watchdog.authorization == "Bearer salt evidenced-watchdog"

    assert post.logins == [b"\0alertmanager@example.com\0loaf"]
    (mail,) = post.mails
    assert mail["To"] == "operations@example.com"
    assert mail["Subject"] == f"[FIRING:1] {SUMMARY} (till)"
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert FOUND in plain.get_content()
    assert "Proof: https://proof.example/claims/till" in plain.get_content()
    assert "found &lt;b&gt;500&lt;/b&gt; (status)." in html.get_content()
    assert '<a href="https://proof.example/claims/till">Proof</a>' in html.get_content()
