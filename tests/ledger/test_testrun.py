import pytest

from evidenced.ledger.testrun import find_test_runs


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("12 authorization tests pass", [(12, None)]),
        ("54 tests PASS (517 assertions)", [(54, 517)]),
        ("19 tests PASS (53 assertions) covering all", [(19, 53)]),
        ("ownership (17 tests PASS).", [(17, None)]),
        ("Tests: 4 PASS (11 assertions)", [(4, 11)]),
        ("18 backend tests PASS (0.91s)", [(18, None)]),
        ("9 tests PASS (30 assertions, 0.79s)", [(9, 30)]),
        ("9 tests PASS (0.79s, 30 assertions)", [(9, 30)]),
        ("8 tests PASS (15 assertions: flags)", [(8, 15)]),
        ("54 tests PASS, 517 assertions", [(54, 517)]),
        ("1,204 tests pass with 10,517 assertions", [(1204, 10517)]),
        ("140+ tests, 838+ assertions, all PASS", [(140, 838)]),
        ("Tests: 3 E2E PASS (11.5s)", [(3, None)]),
        ("E2E tests: 3 PASS (a.spec.ts, 12.2s)", [(3, None)]),
        ("E2E tests (local): 3/3 PASS", [(3, None)]),
        ("Tests: 2 pass against production", [(2, None)]),
        ("Tests: 8 passed (24 assertions) + all 23 shop tests pass", [(8, 24), (23, None)]),
        ("21 authorization + 49 stock tests PASS", [(21, None), (49, None)]),
        ("all 23 tests now pass (118 assertions)", [(23, 118)]),
        ("5/5 tests pass", [(5, None)]),
        ("12 of 14 tests pass", [(12, None)]),
        ("26 passed (31.3s)", [(26, None)]),
        ("89 passed, 6 skipped, 1 failed in 38s", [(89, None)]),
        ("OK (54 tests, 517 assertions)", [(54, 517)]),
        ("All tests now PASS (42 assertions)", [(None, 42)]),
        ("12 tests are green. 3 specs passed.", [(12, None), (3, None)]),
        ("Fixed 8 failing tests", []),
        ("8 failing tests fixed", []),
        ("(2 tests)", []),
        ("34 backend tests (157 assertions)", []),
        ("All tests pass", []),
        ("All checks PASS", []),
        ("E2E PASS (3m1s)", []),
        ("discovered 655 tests, ran tests", []),
        ("0 tests pass", []),
        ("Pass 7 tests", []),
        ("12 tests. All pass", []),
        ("v1.12 tests pass", []),
    ],
)
def test_counts(text: str, runs: list[tuple[int | None, int | None]]) -> None:
    assert [(run.tests, run.assertions) for _, run in find_test_runs(text)] == runs
