"""What in code marks, or behind a link, is the path of a file in the repository."""

import re

from evidenced.ledger.words import words

_LIMIT = 300
_PLACE = re.compile(r"(?::\d{1,7}(?:[-:]\d{1,7})?|#[\w.-]{0,100})$")
_CHARACTERS = re.compile(r"[\w./@+()\[\]-]+")
_BARE = re.compile(r"[\w.@+-]+")
_SUFFIX = re.compile(r".\.([A-Za-z][A-Za-z0-9]{0,9})$")
_HIDDEN = re.compile(r"\.(?:[a-z]{2,20}(?:ignore|rc|config)|env(?:\.\w{1,20})?)")
_HOST = re.compile(
    r"(?:www\.|localhost\b|\d{1,3}(?:\.\d{1,3}){3}\b|[\w-]{1,63}(?:\.[\w-]{1,63}){0,4}"
    r"\.(?:com|dev|edu|eu|example|gov|io|net|org|test|uk)/)"
)
_PLAIN = frozenset(
    {"CHANGELOG", "CODEOWNERS", "Dockerfile", "Jenkinsfile", "LICENSE", "Makefile", "Procfile"}
)
_KNOWN = words(
    "adoc astro avif bash bats c cc cfg cjs clj conf cpp cs css csv cts dart diff docx edn ex exs"
    " fish gif go gql gradle graphql h hcl heex hpp hs html ini ipynb java jpeg jpg js json json5"
    " jsonl jsx kt kts less lock log lua md mdx mjs ml mts nix patch pdf php pl plist png prisma"
    " properties proto ps1 py pyi r rb rs rst sass scala scss sh sql svelte svg swift tex tf tfvars"
    " toml ts tsv tsx txt vue webp xls xlsx xml yaml yml zig zsh"
)
_PRODUCTS = words(
    "backbone.js chart.js d3.js ember.js express.js nest.js next.js node.js nuxt.js react.js"
    " three.js vue.js"
)


def document_path(written: str, *, linked: bool = False) -> str | None:
    """The path of a file or directory, relative to the repository; None for anything else.

    With a slash in it, it needs a file suffix, or a slash at its end for a directory; without, one
    of the suffixes that documents and sources have. A line number or anchor at the end is left
    out. Commands, addresses, routes such as `/api/orders`, paths of the machine such as
    `/etc/hosts`, patterns and templates are none. Behind a link (`linked`) a leading slash means
    the top of the repository.
    """
    path = _PLACE.sub("", written[:_LIMIT]) if len(written) <= _LIMIT else ""
    while path.startswith("./"):
        path = path[2:]
    if linked and path.startswith("/"):
        path = path[1:] if _SUFFIX.search(path) else ""
    if path.startswith(("/", "-")) or not _CHARACTERS.fullmatch(path):
        return None
    if "/" not in path:
        return path if _BARE.fullmatch(path) and _is_file_name(path) else None
    parts = path.removesuffix("/").split("/")
    if not all(parts) or set(parts) <= {".", ".."} or _HOST.match(path):
        return None
    name = parts[-1]
    suffix = _SUFFIX.search(name)
    if path.endswith("/") or name in _PLAIN or name.startswith("."):
        return path
    return path if suffix and suffix[1] != "git" else None


def _is_file_name(name: str) -> bool:
    if name in _PLAIN or _HIDDEN.fullmatch(name):
        return True
    suffix = _SUFFIX.search(name)
    return suffix is not None and suffix[1].lower() in _KNOWN and name.lower() not in _PRODUCTS
