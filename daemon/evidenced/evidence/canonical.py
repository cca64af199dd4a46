"""Canonical JSON: one and only one text for a value, so that a hash of it means something.

The form is that of RFC 8785 (JSON Canonicalization Scheme): UTF-8 without spaces, keys in the order
of their UTF-16 code units, numbers as ECMAScript prints them, and of the escapes in texts only
those that JSON needs. What RFC 8785 refuses must not lose evidence, so it is made sayable first:

- a whole number beyond 2**53 keeps all its digits;
- NaN and the infinities become the texts "NaN", "Infinity" and "-Infinity";
- half of a surrogate pair becomes U+FFFD;
- a key or value of any other type becomes its text, as does what is nested deeper than 64 levels.

The form is stable: what is read back from it has the same form again.
"""

import json
import math
from collections.abc import Mapping

_DEEPEST = 64
_quoted = json.encoder.encode_basestring


def canonical(value: object) -> bytes:
    """The canonical JSON of a value, as UTF-8."""
    return _text(value, 0).encode()


def sayable(text: str) -> str:
    """The text with half surrogate pairs replaced, so that UTF-8 can say it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _text(value: object, depth: int) -> str:
    if isinstance(value, str):
        return _quoted(sayable(value))
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return _number(value)
    if depth < _DEEPEST and isinstance(value, Mapping):
        return _mapping(value, depth + 1)
    if depth < _DEEPEST and isinstance(value, list | tuple):
        return "[" + ",".join(_text(inner, depth + 1) for inner in value) + "]"
    return _quoted(sayable("…" if isinstance(value, Mapping | list | tuple) else str(value)))


def _mapping(value: Mapping[object, object], depth: int) -> str:
    named = {sayable(str(key)): inner for key, inner in value.items()}
    keys = sorted(named, key=lambda key: key.encode("utf-16-be"))
    return "{" + ",".join(f"{_quoted(key)}:{_text(named[key], depth)}" for key in keys) + "}"


def _number(value: float) -> str:
    """A number as ECMAScript prints it (ECMA-262, Number::toString)."""
    if not math.isfinite(value):
        return '"NaN"' if math.isnan(value) else '"Infinity"' if value > 0 else '"-Infinity"'
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    # Python's shortest digits are those of ECMAScript; only where the point goes differs.
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = fraction if fraction != "0" else ""
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    return sign + _placed(digits, point)


def _placed(digits: str, point: int) -> str:
    """Digits with the point after so many of them, as a decimal or with an exponent.

    The bounds 21 and -6 are those of ECMA-262.
    """
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{rest}e{point - 1:+d}"
