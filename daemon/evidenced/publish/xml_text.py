"""Texts in XML: what XML has no place for is replaced; the library that writes it escapes."""

import re
from xml.etree.ElementTree import Element, SubElement, tostring

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """The text with U+FFFD for all that is no character of XML 1.0 (its section 2.2)."""
    return _NOT_XML.sub("\ufffd", text)


def child(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    """A new last element inside another."""
    one = SubElement(parent, tag, {name: xml_text(value) for name, value in attributes.items()})
    one.text = xml_text(text) or None
    return one


def xml_bytes(root: Element) -> bytes:
    """The document with this root, in UTF-8."""
    text: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return text
