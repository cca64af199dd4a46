import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidenced.probes.junit import read_junit
from evidenced.probes.tally import Tally

PYTEST = b"""<?xml version="1.0" encoding="utf-8"?>
<testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="1" skipped="1"
 tests="5" time="0.412" timestamp="2026-11-25T00:00:00" hostname="oven">
<testcase classname="test_dough" name="test_rises" time="0.001" />
<testcase classname="test_dough" name="test_rests" time="0.002" />
<testcase classname="test_dough" name="test_burns" time="0.1"><failure message="assert 1 == 2">E
 assert 1 == 2</failure></testcase>
<testcase classname="test_dough" name="test_flour" time="0"><skipped type="pytest.skip"
 message="none left">x</skipped></testcase>
<testcase classname="test_dough" name="test_oven" time="0"><error message="failed on setup">cold
</error></testcase></testsuite></testsuites>"""

# Suites of PHPUnit stand in one another, and each states the totals of those below it.
PHPUNIT = b"""<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="phpunit.xml" tests="19" assertions="53" errors="0" failures="0" skipped="0"
             time="2.75">
    <testsuite name="Feature" tests="19" assertions="53" errors="0" failures="0" skipped="0"
               time="2.75">
      <testsuite name="Tests\\Feature\\OrderTest" file="OrderTest.php" tests="19" assertions="53"
                 errors="0" failures="0" skipped="0" time="2.75">
        %s
      </testsuite>
    </testsuite>
  </testsuite>
</testsuites>""" % b"".join(
    b'<testcase name="test_%d" class="OrderTest" line="12" assertions="%d" time="0.1"/>'
    % (number, 35 if number == 0 else 1)
    for number in range(19)
)

SUREFIRE = b"""<?xml version="1.0" encoding="UTF-8"?>
<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="3.0"
 xsi:noNamespaceSchemaLocation="https://maven.apache.org/surefire/surefire-test-report.xsd"
 name="example.LoafTest" time="1,234.5" tests="3" errors="0" skipped="1" failures="1">
  <properties><property name="java.version" value="21"/></properties>
  <testcase name="crust" classname="example.LoafTest" time="0.01"/>
  <testcase name="crumb" classname="example.LoafTest" time="0.02">
    <failure message="expected: &lt;soft&gt;" type="AssertionError"><![CDATA[<failure/>]]></failure>
    <system-out>one</system-out>
  </testcase>
  <testcase name="salt" classname="example.LoafTest" time="0"><skipped/></testcase>
</testsuite>"""


def suite(inner: str, **stated: object) -> bytes:
    totals = " ".join(f'{key}="{value}"' for key, value in stated.items())
    return f"<testsuites><testsuite {totals}>{inner}</testsuite></testsuites>".encode()


CASE = '<testcase name="a"/>'
LONGER = '<testcase name="a"><system-out>x</system-out></testcase>'


@pytest.mark.parametrize(
    ("report", "tally"),
    [
        pytest.param(PYTEST, Tally(5, 1, 1, 1, None, 0.412), id="pytest"),
        pytest.param(PHPUNIT, Tally(19, 0, 0, 0, 53, 2.75), id="PHPUnit"),
        pytest.param(SUREFIRE, Tally(3, 1, 0, 1, None, 1234.5), id="surefire"),
        pytest.param(b"<testsuites/>", Tally(0), id="no suite"),
        pytest.param(suite("", tests=0, time=0), Tally(0, seconds=0.0), id="no test"),
        pytest.param(suite(CASE * 2), Tally(2), id="no totals"),
        pytest.param(suite("", tests=7, failures=2), Tally(7, 2), id="totals only"),
        pytest.param(suite(CASE, tests=20), Tally(1), id="a list cut short"),
        pytest.param(suite(CASE * 3, tests=2), Tally(2), id="more tests than are stated"),
        pytest.param(suite(CASE, tests=1, errors=1), Tally(1, errors=1), id="an error of no test"),
        pytest.param(
            suite("<testcase><failure/><failure/><error/></testcase><testcase><error/></testcase>"),
            Tally(2, 1, 1),
            id="a test that fails in several ways",
        ),
        pytest.param(
            suite('<testcase status="notrun"/><testcase status="run"/>'),
            Tally(2, skipped=1),
            id="gtest",
        ),
        pytest.param(
            suite('<testcase assertions="3"/><testcase assertions="4" time="0.5"/>'),
            Tally(2, assertions=7, seconds=0.5),
            id="counted by test",
        ),
        pytest.param(
            suite("<testcase><properties><failure/></properties></testcase>"),
            Tally(1),
            id="no failure of it",
        ),
        pytest.param(
            suite(CASE, tests="many", failures="-1", errors="nan", skipped="1e99", time="٣"),
            Tally(1),
            id="totals that are no numbers",
        ),
        pytest.param(
            b'<?xml version="1.0" encoding="iso-8859-1"?>'
            b'<testsuite name="\xe9"><testcase/></testsuite>',
            Tally(1),
            id="another encoding",
        ),
        pytest.param(
            "<testsuite><testcase/></testsuite>".encode("utf-16"), Tally(1), id="two bytes a letter"
        ),
    ],
)  # fmt: skip
def test_reports_as_test_runners_write_them(report: bytes, tally: Tally) -> None:
    assert read_junit(report) == tally


LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha">' for n in range(12)
)


@pytest.mark.parametrize(
    ("report", "said"),
    [
        pytest.param(b"", "no XML: no element found on line 1", id="nothing"),
        pytest.param(b"PASS", "no XML: syntax error on line 1", id="text"),
        pytest.param(PYTEST[:300], "no XML: unclosed token on line 5", id="cut short"),
        pytest.param(b"<html/>", "no report of JUnit's", id="another document"),
        pytest.param(b'<?xml version="1.0" encoding="no"?><testsuite/>', "no XML: ", id="encoding"),
        pytest.param(b"<testsuite name='&x;'/>", "no XML: undefined entity", id="an entity"),
        pytest.param(
            f"<!DOCTYPE testsuite [{LAUGHS}]><testsuite name='&l11;'/>".encode(),
            "found a document type, expected none",
            id="a billion laughs",
        ),
        pytest.param(
            b'<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite>&x;</testsuite>',
            "found a document type, expected none",
            id="a file of the reader's",
        ),
        pytest.param(b"<testsuite>" * 101, "nested more than 100 levels deep", id="deep"),
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused(report: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_junit(report)


def test_a_large_report_costs_little_time() -> None:
    report = suite(LONGER * 100_000)
    began = time.process_time()
    assert read_junit(report).tests == 100_000
    assert time.process_time() - began < 5


def test_a_large_report_costs_little_memory() -> None:
    report = suite(LONGER * 20_000)
    tracemalloc.start()
    assert read_junit(report).tests == 20_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < len(report)


def test_several_reports_are_summed() -> None:
    total = read_junit(PYTEST) + read_junit(PHPUNIT) + Tally(1)
    assert (total.tests, total.failures, total.errors, total.assertions) == (25, 1, 1, 53)
    assert total.seconds == pytest.approx(3.162)
    assert total.ran == 24


@given(st.binary(max_size=200) | st.text(max_size=200).map(suite))
def test_any_bytes_are_read_or_refused(report: bytes) -> None:
    try:
        found = str(read_junit(report).tests)
    except ValueError as error:
        found = str(error)
    assert len(found.splitlines()) == 1
