from evidenced.probes.mailbox import Mailbox, Push, Waiting


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_last_push_of_each_check_is_kept_with_its_age() -> None:
    clock = Clock()
    box = Mailbox(clock)
    box.open(["backup", "suite"])
    first, second = Push(1.0), Push(2.0, ok=False)
    assert box.put("backup", first)
    clock.now += 5
    assert box.put("backup", second)
    clock.now += 7
    assert box.look("backup") == Waiting(12.0, second, 7.0)
    assert box.look("suite") == Waiting(12.0)
    assert list(box) == [("backup", second)]


def test_what_nobody_waits_for_is_not_kept() -> None:
    clock = Clock()
    box = Mailbox(clock)
    assert not box.put("backup", Push(1.0))
    clock.now += 3
    assert box.look("backup") == Waiting(3.0)
    assert list(box) == []


def test_slots_that_stay_keep_what_they_hold() -> None:
    clock = Clock()
    box = Mailbox(clock)
    box.open(["backup", "suite"])
    box.put("backup", Push(1.0))
    box.put("suite", Push(2.0))
    clock.now += 10
    box.open(["backup", "new"])
    clock.now += 1
    assert box.look("backup") == Waiting(11.0, Push(1.0), 11.0)
    assert box.look("new").open_for == 1.0
    box.open(["backup", "suite"])
    assert box.look("suite") == Waiting(0.0)


def test_a_push_that_is_put_back_has_the_age_that_it_has_by_now() -> None:
    clock = Clock()
    box = Mailbox(clock)
    box.open(["backup"])
    box.put("backup", Push(1.0), age=3600.0)
    clock.now += 60
    assert box.look("backup").age == 3660.0
    box.put("backup", Push(1.0), age=-5.0)
    assert box.look("backup").age == 0.0
