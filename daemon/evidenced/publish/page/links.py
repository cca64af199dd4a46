"""Where what a claim cites can be read: pull requests, commits and documents on their forge."""

import configparser
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from evidenced.config.kinds.forge import HOMES, ForgeSettings
from evidenced.ledger.model import Commit, Document, Http, PullRequest, Reference, Url
from evidenced.watch.plan import Check

_SCP = re.compile(r"(?:[^@/:\s]{1,64}@)?([A-Za-z0-9.-]{1,253}):([^\s:]{1,400})")
"""The short form of an address that git takes: user@host:path (see git-clone(1))."""

LARGEST = 256 * 1024
"""Bytes of a file of git that are read."""


@dataclass(frozen=True, slots=True)
class Home:
    """The address of a repository on a forge, and which forge that is."""

    url: str
    forge: str

    def of(self, reference: Reference) -> str | None:
        """Where a pull request, a commit or a document is; None for anything else."""
        gitlab, github = self.forge == "gitlab", self.forge == "github"
        within = f"{self.url}/-" if gitlab else self.url
        match reference:
            case PullRequest(ref):
                kind = "merge_requests" if gitlab else "pull" if github else "pulls"
                return f"{within}/{kind}/{quote(ref, safe='')}"
            case Commit(ref):
                return f"{within}/commit/{quote(ref, safe='')}"
            case Document(ref):
                if ".." in ref.split("/"):
                    return None
                kind = "blob/HEAD" if gitlab or github else "src/HEAD"
                return f"{within}/{kind}/{quote(ref.lstrip('./'), safe='/')}"
        return None


def link(reference: Reference, home: Home | None, base_url: str | None) -> str | None:
    """The address of what is cited, where it has one; never any but http and https."""
    match reference:
        case Url(ref):
            return ref if ref.lower().startswith(("http://", "https://")) else None
        case Http(path=path, method="GET"):
            return f"{bare(base_url).rstrip('/')}{path}" if base_url and path[:1] == "/" else None
    return home.of(reference) if home else None


def home(repository: Path, checks: Iterable[Check]) -> Home | None:
    """Where the repository is kept: what git says, else what a check of kind `forge` looks at.

    Reads a file.
    """
    return remote(repository) or next(filter(None, map(_looked_at, checks)), None)


def remote(repository: Path) -> Home | None:
    """The remote called origin of a git repository, where its host says which forge it is."""
    path = repository / ".git" / "config"
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    try:
        if path.stat().st_size > LARGEST:
            return None
        parser.read_string(path.read_text("utf-8", "replace"))
        address = parser.get('remote "origin"', "url", fallback="")
    except (OSError, configparser.Error):
        return None
    return _home(address.strip())


def _home(address: str) -> Home | None:
    if "://" not in address:
        short = _SCP.fullmatch(address)
        if short is None:
            return None
        address = f"ssh://{short[1]}/{short[2]}"
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        port = parts.port if parts.scheme in ("http", "https") else None
    except ValueError:
        return None
    forge = next((name for name in ("github", "gitlab", "gitea", "forgejo") if name in host), None)
    forge = forge or ("forgejo" if host == "codeberg.org" else None)
    if forge is None:
        return None
    # Never the user or the password that may stand in it.
    at = f":{port}" if port else ""
    place = parts.path.strip("/").removesuffix(".git")
    return Home(f"https://{host}{at}/{quote(place, safe='/')}", forge)


def _looked_at(check: Check) -> Home | None:
    settings = check.settings
    if not isinstance(settings, ForgeSettings):
        return None
    base = HOMES.get(settings.forge) if settings.base_url is None else bare(settings.base_url)
    if not base:
        return None
    return Home(f"{base.rstrip('/')}/{quote(settings.repository, safe='/')}", settings.forge)


def bare(address: str) -> str:
    """An address without a user, a password, a query and a fragment, any of which may be secret."""
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
