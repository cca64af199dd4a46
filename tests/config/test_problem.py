import pytest

from evidenced.config.problem import ConfigError, Path, Problem, as_written

DOCUMENT = {"checks": [{"name": "rye"}, {"name": 5}, "spelt", {"name": "a\nb"}]}


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ((), ""),
        (("ledger", "base_url"), "ledger.base_url"),
        (("checks", 0, "http", "expect"), "checks[0] (rye).http.expect"),
        (("checks", 1), "checks[1]"),
        (("checks", 2, 5, "x"), "checks[2][5].x"),
        (("checks", 3), "checks[3]"),
        (("json", "$.a b", "eq"), 'json["$.a b"].eq'),
        (("header", "X-App"), "header.X-App"),
        (("", 'a"b'), '[""]["a"b"]'),
        (("a\nb",), '["a\\nb"]'),
    ],
)
def test_a_path_is_written_as_a_person_does(path: Path, written: str) -> None:
    assert as_written(path, DOCUMENT) == written


def test_an_error_is_a_line_for_each_problem() -> None:
    problems = (
        Problem("f.yaml", 3, "ledger", "missing"),
        Problem("f.yaml", None, "", "empty"),
        "as it is",
    )
    error = ConfigError(*problems)
    assert str(error).splitlines() == ["f.yaml:3: ledger: missing", "f.yaml: empty", "as it is"]
    assert error.problems == problems
