from replay.series import LABELS, Gathered

RULES = "expr: evidenced_vantage_up == 0 and time() - evidenced_seen_timestamp_seconds{} > up"
START = 1_800_000_000.0


def _written(*scrapes: str | None) -> dict[str, str]:
    gathered = Gathered(RULES, START)
    for scrape in scrapes:
        gathered.add(scrape)
    return {each["series"]: each["values"] for each in gathered.written()}


def test_only_what_the_rules_name_is_kept_with_the_labels_of_a_scrape() -> None:
    text = (
        "# HELP evidenced_vantage_up x\n"
        'evidenced_vantage_up{location="fra1"} 1.0\n'
        "evidenced_other 1.0\n"
    )
    assert _written(text) == {
        f"up{{{LABELS}}}": "1",
        f'evidenced_vantage_up{{{LABELS},location="fra1"}}': "1.0",
    }


def test_a_series_is_stale_from_the_first_scrape_that_lacks_it_and_may_come_back() -> None:
    one, none = "evidenced_vantage_up 1.0\n", "\n"
    values = _written(none, none, one, one, one, none, None, none, one, none)
    assert values[f"evidenced_vantage_up{{{LABELS}}}"] == "_x2 1.0+0x2 stale _x2 1.0 stale"
    assert values[f"up{{{LABELS}}}"] == "1+0x5 0 1+0x2"


def test_unix_times_are_moved_to_where_the_clock_of_promtool_begins() -> None:
    text = f"evidenced_seen_timestamp_seconds {START - 90}\nevidenced_vantage_up {START}\n"
    values = _written(text)
    assert values[f"evidenced_seen_timestamp_seconds{{{LABELS}}}"] == "-90.0"
    assert values[f"evidenced_vantage_up{{{LABELS}}}"] == f"{START}"
