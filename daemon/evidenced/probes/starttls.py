"""The ways into TLS of protocols that begin in the clear."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from evidenced.probes.stream import LINE_LIMIT, Stream

_LDAP_OID = b"1.3.6.1.4.1.1466.20037"


class RefusedError(Exception):
    """The peer does not go into TLS; the text says how it refuses, after its name."""


class UnlikeError(Exception):
    """What answers does not speak the protocol; the text says what it does, after its name."""


async def ask_for_tls(protocol: str, stream: Stream) -> None:
    """Go as far as to where the handshake begins.

    `protocol` is one of those that the configuration knows. Raises RefusedError, UnlikeError,
    and what the stream raises.
    """
    await _ASKS[protocol](stream)


async def _smtp(stream: Stream) -> None:
    # RFC 3207. A name is asked of the client; a literal is right for one without (RFC 5321, 4.1.3).
    await _code(stream, "220", "SMTP")
    stream.send(b"EHLO [127.0.0.1]\r\n")
    await _code(stream, "250", "SMTP")
    stream.send(b"STARTTLS\r\n")
    await _code(stream, "220", "SMTP", asked=True)


async def _ftp(stream: Stream) -> None:
    # RFC 4217.
    await _code(stream, "220", "FTP")
    stream.send(b"AUTH TLS\r\n")
    await _code(stream, "234", "FTP", asked=True)


async def _imap(stream: Stream) -> None:
    # RFC 3501, 6.2.1 and 7.1.
    await _begins(stream, "* OK", "IMAP")
    stream.send(b"a STARTTLS\r\n")
    while (line := await _line(stream, "IMAP")).startswith("* "):
        pass
    if not line.startswith("a OK"):
        raise RefusedError(f"refuses STARTTLS: {_shown(line)}")


async def _pop3(stream: Stream) -> None:
    # RFC 2595, 4.
    await _begins(stream, "+OK", "POP3")
    stream.send(b"STLS\r\n")
    line = await _line(stream, "POP3")
    if not line.startswith("+OK"):
        raise RefusedError(f"refuses STLS: {_shown(line)}")


async def _postgres(stream: Stream) -> None:
    # "SSLRequest" in PostgreSQL's documentation, "Message Formats": length 8, then 80877103.
    stream.send(bytes.fromhex("00000008 04d2162f"))
    answer = await stream.exactly(1)
    if answer == b"N":
        raise RefusedError("refuses TLS")
    if answer != b"S":
        raise UnlikeError("does not speak PostgreSQL's protocol")


async def _ldap(stream: Stream) -> None:
    # RFC 4511, 4.12 and 4.14: message 1, an ExtendedRequest with the OID of StartTLS, in BER.
    name = b"\x80" + bytes([len(_LDAP_OID)]) + _LDAP_OID
    request = b"\x02\x01\x01\x77" + bytes([len(name)]) + name
    stream.send(b"\x30" + bytes([len(request)]) + request)
    message = await _ber(stream)
    # What it begins with: the number of the message, then an ExtendedResponse.
    tag, rest = message[3:4], message[4:]
    if message[:3] != b"\x02\x01\x01" or tag != b"\x78" or len(rest) < 4:
        raise UnlikeError("does not speak LDAP")
    # The length of the response takes one byte, or as many more as that says.
    content = rest[1 + (rest[0] & 0x7F if rest[0] & 0x80 else 0) :]
    if content[:2] != b"\x0a\x01" or len(content) < 3:
        raise UnlikeError("does not speak LDAP")
    if content[2]:
        raise RefusedError(f"refuses StartTLS: result code {content[2]}")


async def _ber(stream: Stream) -> bytes:
    """The content of the next message, a SEQUENCE with a definite length."""
    head = await stream.exactly(2)
    if len(head) < 2 or head[0] != 0x30 or head[1] > 0x84:
        raise UnlikeError("does not speak LDAP")
    length = head[1]
    if length & 0x80:
        length = int.from_bytes(await stream.exactly(length & 0x7F), "big")
    if length > LINE_LIMIT:
        raise UnlikeError("does not speak LDAP")
    return await stream.exactly(length)


async def _code(stream: Stream, code: str, protocol: str, *, asked: bool = False) -> None:
    """Read a reply of one or more lines, the last of which has a space after its code."""
    while True:
        line = await _line(stream, protocol)
        if not line[:3].isdigit() or line[3:4] not in ("-", " ", ""):
            if protocol == "FTP":  # There only the first and last line begin with it.
                continue
            raise UnlikeError(f"does not speak {protocol}")
        if line[3:4] != "-":
            break
    if line[:3] != code:
        if asked:
            raise RefusedError(f"refuses TLS: {_shown(line)}")
        raise UnlikeError(f"answers with {line[:3]} where {protocol} needs {code}")


async def _begins(stream: Stream, beginning: str, protocol: str) -> None:
    if not (await _line(stream, protocol)).startswith(beginning):
        raise UnlikeError(f"does not greet as {protocol} does")


async def _line(stream: Stream, protocol: str) -> str:
    line = await stream.line()
    if line is None:
        raise UnlikeError(f"closed the connection in the middle of {protocol}")
    return line


def _shown(line: str) -> str:
    """The beginning of a refusal: it is a protocol's own word, and nothing of a body."""
    return line[:60]


_ASKS: Mapping[str, Callable[[Stream], Awaitable[None]]] = MappingProxyType(
    {
        "smtp": _smtp,
        "imap": _imap,
        "pop3": _pop3,
        "ftp": _ftp,
        "postgres": _postgres,
        "ldap": _ldap,
    }
)
