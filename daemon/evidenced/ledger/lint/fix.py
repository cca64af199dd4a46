"""What can be mended in a ledger without judgement, every other byte kept."""

import codecs
from pathlib import Path

from evidenced.ledger.model import LedgerError
from evidenced.ledger.mojibake import repair
from evidenced.ledger.rewrite import Change, RewriteError, rewrite


def fixed(data: bytes) -> bytes:
    """The bytes of a ledger with its mojibake repaired, as reading it does; all others stay.

    A file in UTF-16 has none, and bytes that are not UTF-8 stay what they are: which characters
    they are is a guess.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data
    text, findings = repair(data.decode("utf-8", "surrogateescape"))
    return text.encode("utf-8", "surrogateescape") if findings else data


def fix(path: Path) -> bool:
    """Mend a ledger file as a whole or not at all; whether there was something to mend.

    Raises LedgerError where it cannot be read or written, or was changed by somebody else
    meanwhile.
    """
    try:
        before = path.read_bytes()
        change = Change(path, before, fixed(before))
        rewrite([change])
    except OSError as error:
        raise LedgerError(f"{path}: cannot be fixed: {error.strerror or error}") from error
    except RewriteError as error:
        raise LedgerError(str(error)) from None
    return change.after != before
