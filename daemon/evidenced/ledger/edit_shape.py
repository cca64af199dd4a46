"""How items are written: the lines of one turned into a bullet of another list, texts added."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evidenced.ledger.edit_document import Document, EditError
from evidenced.ledger.edit_places import Form, Part, Place
from evidenced.ledger.model import CLAIMED
from evidenced.ledger.titles import after_number

_BULLET = re.compile(r"(?P<indent> {0,3})(?P<marker>[-*+]|\d{1,9}[.)])(?P<gap> {1,4}|\t)")
_BOX = re.compile(r"\[[ xX~-]\][ \t]+")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+")
_CLOSING = re.compile(r"[ \t]#+[ \t]*$")
_WORK = re.compile(
    r"(?:\*\*|__)?(?:current[ _-]wip|in[ _-]progress|wip|work[ _-]in[ _-]progress)"
    r"(?: ?\([^()]{0,80}\))?[ ]?[:：]?(?:\*\*|__)?[ ]?[:：]?[ \t]*",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(\(?#?)(\d{1,2})([.):])[ \t]")
_BARE_TITLE = re.compile(r"(?:\*\*[^*]+\*\*|__[^_]+__)(?: ?<!--[^<>]{0,200}-->)?$")


@dataclass(frozen=True, slots=True)
class Bullet:
    """What a bullet of a list begins with."""

    indent: str = ""
    marker: str = "-"
    gap: str = " "

    @property
    def width(self) -> int:
        """The column at which its content begins."""
        return len(self.indent) + len(self.marker) + len(self.gap)

    def following(self) -> "Bullet":
        """The bullet after this one: a number is one higher."""
        if not self.marker[:-1].isdigit():
            return self
        return Bullet(self.indent, f"{int(self.marker[:-1]) + 1}{self.marker[-1]}", self.gap)

    def __str__(self) -> str:
        return f"{self.indent}{self.marker}{self.gap}"


@dataclass(frozen=True, slots=True)
class Written:
    """The lines of an item as a bullet; the one with the index `head` is the last of its title's
    paragraph."""

    lines: tuple[str, ...]
    head: int

    def saying(self, text: str) -> "Written":
        """The item with a text at the end of its first paragraph."""
        line = self.lines[self.head]
        end = line[len(line.rstrip("\r\n")) :]
        stem = line.rstrip()
        found = _BULLET.match(stem)
        content = stem[found.end() :] if found and self.head == 0 else stem
        mark = ":" if self.head == 0 and _BARE_TITLE.match(content) else ""
        lines = (
            *self.lines[: self.head],
            f"{stem}{mark} {text}{end}",
            *self.lines[self.head + 1 :],
        )
        return Written(lines, self.head)


def bullet_of(document: Document, place: Place) -> Bullet | None:
    """The bullet that an item has in its list; None where it is none."""
    found = _BULLET.match(document.text(place.begin)) if place.form is Form.BULLET else None
    return Bullet(found["indent"], found["marker"], found["gap"]) if found else None


def bullet_for(document: Document, parts: Iterable[Part]) -> Bullet:
    """The bullet for one more item in the first part that has any; `- ` where none has."""
    for part in parts:
        bullets = [found for place in part.places if (found := bullet_of(document, place))]
        if bullets:
            return bullets[-1].following()
        matched = _BULLET.match(document.text(part.nothing[0])) if part.nothing else None
        if matched:
            return _bullet(matched)
    return Bullet()


def _bullet(found: re.Match[str]) -> Bullet:
    return Bullet(found["indent"], found["marker"], found["gap"])


def as_bullet(document: Document, place: Place, bullet: Bullet) -> Written:
    """The lines of an item as one bullet of a list, whatever it was; a check box is left out.

    Raises EditError where it is not written in a way that is understood.
    """
    lines = list(document.lines[place.begin : place.end])
    if not lines[-1].endswith(("\r", "\n")):
        lines[-1] += document.newline
    if place.form is Form.BULLET:
        return _moved(document, place, lines, bullet)
    if place.form is Form.HEADING:
        return _of_heading(document, place, lines, bullet)
    size = place.head_end - place.begin
    rest = _unlabelled(lines[0][after_number(lines[0]) :], place)
    body = [_shifted(line, bullet.width) for line in lines[1:]]
    return Written((f"{bullet}{rest}", *body), size - 1)


def new_item(
    title: str, done_when: Sequence[str], bullet: Bullet, *, indent: str = ""
) -> tuple[str, ...]:
    """The lines of a new item in a list, with the points that say when it is done."""
    points = done_points(done_when, " " * bullet.width)
    return (f"{bullet}**{title}**", *(indent + point for point in points))


def done_points(done_when: Sequence[str], indent: str = "") -> tuple[str, ...]:
    """The lines of a definition of done; none where there are no points."""
    if not done_when:
        return ()
    return (f"{indent}- **DoD**:", *(f"{indent}  - {point}" for point in done_when))


def new_heading(
    document: Document, part: Part | None, title: str, done_when: Sequence[str]
) -> tuple[str, ...]:
    """The lines of a new item that is a heading, numbered as those before it are."""
    before = [place for place in part.places if place.form is Form.HEADING] if part else []
    marks, number = "#" * min(6, (part.level if part else 2) + 1), "1) "
    if before:
        line = document.text(before[-1].begin)
        found = _HEADING.match(line)
        marks = found[1] if found else marks
        numbered = _NUMBERED.match(line, found.end()) if found else None
        number = f"{numbered[1]}{int(numbered[2]) + 1}{numbered[3]} " if numbered else ""
    return (f"{marks} {number}{title}", *done_points(done_when))


def _unlabelled(content: str, place: Place) -> str:
    """The first line of an item without `**WIP**:` before its title, which is bold instead."""
    found = _WORK.match(content) if place.item.section not in CLAIMED else None
    rest = content[found.end() :] if found else content
    title = place.item.title
    # Where nothing follows it, the label is the title itself.
    if (found and not rest.strip()) or (place.form is Form.BULLET and not found):
        return content
    if "**" not in rest and rest.startswith(title):
        return f"**{title}**{rest[len(title) :]}"
    return rest


def _moved(document: Document, place: Place, lines: list[str], bullet: Bullet) -> Written:
    found = _BULLET.match(lines[0])
    if found is None:
        raise EditError(
            f"line {place.begin + 1}: the item {place.item.title!r} is not written so that it can "
            "be moved"
        )
    content = lines[0][found.end() :]
    box = _BOX.match(content)
    content = content[box.end() :] if box else content
    content = _unlabelled(content, place)
    delta = bullet.width - len(found[0])
    body = [_shifted(line, delta) for line in lines[1:]]
    return Written((f"{bullet}{content}", *body), place.head_end - place.begin - 1)


def _of_heading(document: Document, place: Place, lines: list[str], bullet: Bullet) -> Written:
    found = _HEADING.match(lines[0])
    size = place.head_end - place.begin
    if found:
        text, body = _CLOSING.sub("", lines[0][found.end() :].rstrip()), lines[1:]
    else:
        # The line below the title of such a heading is no part of its text (CommonMark, 4.3).
        text, body = " ".join(line.strip() for line in lines[:size]), lines[size + 1 :]
    text = text[after_number(text) :]
    title, comment, rest = text.partition("<!--")
    if "**" not in title and "__" not in title:
        text = f"**{title.strip()}** {comment}{rest}".rstrip()
    while body and not body[0].strip():
        body.pop(0)
    end = lines[0][len(lines[0].rstrip("\r\n")) :]
    shifted = (_shifted(line, bullet.width) for line in body)
    return Written((f"{bullet}{text}{end}", *shifted), 0)


def _shifted(line: str, delta: int) -> str:
    """A line that is indented by so many columns more; by fewer where there are spaces to lose."""
    if not line.strip():
        return line
    if delta >= 0:
        return " " * delta + line
    spaces = len(line) - len(line.lstrip(" "))
    return line[min(-delta, spaces) :]
