import pytest
import yaml as pyyaml
from hypothesis import given
from hypothesis import strategies as st

from evidenced.config import yaml
from evidenced.config.problem import ConfigError
from evidenced.config.yaml import parse


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-5", -5),
        ("+7", 7),
        ("010", 10),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.5", 1.5),
        ("-.5", -0.5),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("''", ""),
        ("'1'", "1"),
        ("on", "on"),
        ("no", "no"),
        ("12:30", "12:30"),
        ("2024-01-01", "2024-01-01"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1e999", "1e999"),
        ("9" * 5000, "9" * 5000),
        ("+", "+"),
        ("!!str 5", "5"),
        ("! 5", "5"),
        ("!!int '7'", 7),
        ("!!seq [1]", [1]),
        ("|\n two\n lines\n", "two\nlines\n"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_scalar_is_read_as_yaml_1_2_says(text: str, value: object) -> None:
    data = parse(text, "f").data
    assert data == value
    assert type(data) is type(value)


def test_keys_are_texts_whatever_they_look_like() -> None:
    assert parse("{on: 1, 2: b, ~: c, true: d}", "f").data == {
        "on": 1,
        "2": "b",
        "~": "c",
        "true": "d",
    }


def test_lines_are_those_of_keys_and_entries() -> None:
    document = parse(
        "# bakery\na: 1\nb:\n\n  - c: |\n      text\n    d: {e: 1,\n      f: 2}\n", "f"
    )
    assert document.line(("a",)) == 2
    assert document.line(("b",)) == 3
    assert document.line(("b", 0)) == 5
    assert document.line(("b", 0, "c")) == 5
    assert document.line(("b", 0, "d", "f")) == 8
    assert document.line(("b", 0, "absent", "deeper")) == 5
    assert document.line(("absent",)) == 1
    assert document.line(()) == 1


def test_aliases_and_merge_keys_work_and_keep_their_lines() -> None:
    document = parse(
        "a: &a\n  x: 1\n  y: 2\nb:\n  <<: *a\n  y: 3\nc:\n  <<: [*a, {x: 9, z: 4}]\nd: *a\n"
        "e: &name rye\n*name : bread\n",
        "f",
    )
    assert document.data == {
        "a": {"x": 1, "y": 2},
        "b": {"x": 1, "y": 3},
        "c": {"x": 1, "y": 2, "z": 4},
        "d": {"x": 1, "y": 2},
        "e": "rye",
        "rye": "bread",
    }
    assert document.line(("b", "x")) == 2
    assert document.line(("b", "y")) == 6
    assert document.line(("c", "z")) == 8
    assert document.line(("d",)) == 9
    assert document.line(("d", "y")) == 3
    assert document.faults == ()


def test_a_quoted_merge_key_is_a_key() -> None:
    assert parse('{"<<": {a: 1}}', "f").data == {"<<": {"a": 1}}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: 2\na: 3", 3, "found the key a second time, first on line 1"),
        ("a: {b: 1, b: 2}", 1, "found the key a second time, first on line 1"),
        ("? [a]\n: 1", 1, "found a key that is no text, expected a name"),
        ("a: {<<: 3}", 1, "expected a mapping to merge, or a list of them"),
        ("a:\n  <<: [{b: 1}, 2]", 2, "expected a mapping to merge, or a list of them"),
        (
            "a: !swordfish",
            1,
            "found a tag (!) that is not read here; a text that begins with ! is put in quotes",
        ),
        (
            "a: !!int x",
            1,
            "found a tag (!) that is not read here; a text that begins with ! is put in quotes",
        ),
        (
            "a: !own [1]",
            1,
            "found a tag (!) that is not read here; a text that begins with ! is put in quotes",
        ),
    ],
)
def test_faults_beside_the_syntax_are_noted(text: str, line: int, message: str) -> None:
    (fault,) = parse(text, "f").faults
    assert (fault.line, fault.message) == (line, message)


QUOTED = "f:1: not readable as YAML: a text that begins with {} is put in quotes"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "f: the file is empty, expected at least the section ledger"),
        ("# only a comment\n", "f: the file is empty, expected at least the section ledger"),
        ("a: 1\n---\nb: 2", "f:2: found the beginning of a second document, expected one document"),
        (
            "a:\n\tb: 1",
            "f:2: not readable as YAML: found a tab, expected spaces to indent with",
        ),
        ("a: @x", QUOTED.format("@")),
        ("a: `x", QUOTED.format("`")),
        ("a: %x", QUOTED.format("%")),
        ("a: *", QUOTED.format("*")),
        ("a: &", QUOTED.format("&")),
        ("a: !e!swordfish b", QUOTED.format("!")),
        (
            "a: *swordfish",
            (
                "f:1: found an alias (*) without an anchor (&) before it; "
                "a text that begins with * is put in quotes"
            ),
        ),
        (
            "a: &a [*a]",
            (
                "f:1: found an alias (*) without an anchor (&) before it; "
                "a text that begins with * is put in quotes"
            ),
        ),
        (
            "a: 'x\nb: 1\n",
            (
                "f:1: not readable as YAML: found the beginning of a quoted text, "
                "expected a closing quote as well"
            ),
        ),
        (
            'a: "\\d"',
            (
                "f:1: not readable as YAML: found an escape that is none; "
                "a text with \\ in it is put in single quotes"
            ),
        ),
        (
            "a: [1, 2\nb: 3\n",
            "f:2: not readable as YAML: expected , or ] in the list that begins on line 1",
        ),
        (
            "a: {b: 1\n",
            "f:2: not readable as YAML: expected , or } in the mapping that begins on line 1",
        ),
        (
            "a:\n  b: 1\n c: 2\n",
            (
                "f:3: not readable as YAML: expected a key of the mapping that begins on line 1, "
                "at the same indentation"
            ),
        ),
        (
            "- a\nb: 1\n",
            (
                "f:2: not readable as YAML: expected - and an entry of the list that begins on "
                "line 1, at the same indentation"
            ),
        ),
        (
            "a: 1\nfoo\nb: 2\n",
            "f:2: not readable as YAML: expected KEY: VALUE, with a colon and a space between them",
        ),
        (
            "a: b: c",
            (
                "f:1: not readable as YAML: found a : that cannot stand here; a text with ': ' in "
                "it is put in quotes, and keys of one mapping stand at the same indentation"
            ),
        ),
        ("a: 1\nb: }", "f:2: not readable as YAML: expected a value"),
        (
            'é: 1\nb: "\x07"',
            "f:2: not readable as YAML: found the character U+0007, which no text may hold",
        ),
        ("[" * 60 + "]" * 60, "f:1: nested more than 50 levels deep"),
    ],
    ids=lambda value: value[:20],
)
def test_an_error_of_syntax_is_one_line(text: str, line: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse(text, "f")
    assert str(error.value) == line


def test_nesting_without_bounds_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^f:1: not readable as YAML"):
        parse("[" * 100_000, "f")


def test_aliases_that_stand_for_too_much_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    with pytest.raises(ConfigError, match=r"^f: its aliases stand for more than 2000000 values$"):
        parse("\n".join(lines), "f")


class Quoting(pyyaml.SafeDumper):
    """Writes texts in quotes: the library's own idea of plain texts is that of YAML 1.1."""


def _in_quotes(dumper: Quoting, text: str) -> pyyaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')


Quoting.add_representer(str, _in_quotes)

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**39), 10**39)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
MARKS = st.text("ab:-[]{}&*!|>'\"%@`,?# \n\t~1.<")


def _outcome(text: str) -> tuple[object, str]:
    """The data of a text and "", or None and the message with which it is refused."""
    try:
        return parse(text, "f").data, ""
    except ConfigError as error:
        return None, str(error)


@given(PLAIN)
def test_what_the_library_writes_is_read_back(data: object) -> None:
    document = parse(pyyaml.dump(data, Dumper=Quoting, allow_unicode=True), "f")
    assert document.data == data
    assert document.faults == ()


@given(st.text() | MARKS)
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    _, message = _outcome(text)
    assert not message or message.startswith("f:")
    assert len(message.splitlines()) <= 1


@given(MARKS)
def test_without_libyaml_the_same_is_read(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml, "_LOADER", pyyaml.CSafeLoader)
        data, message = _outcome(text)
        patch.setattr(yaml, "_LOADER", pyyaml.SafeLoader)
        other_data, other_message = _outcome(text)
    # The two differ in what they refuse, so only what both read is compared.
    assert message or other_message or data == other_data
    assert len(other_message.splitlines()) <= 1
