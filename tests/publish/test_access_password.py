import asyncio
import base64
import time

import bcrypt
import pytest

from evidenced.config.types import Secret
from evidenced.publish import access_password
from evidenced.publish.access_password import BusyError, Credentials, Passwords, shown


def hashed(password: bytes, cost: int = 4, prefix: bytes = b"2b") -> Secret:
    return Secret(bcrypt.hashpw(password, bcrypt.gensalt(cost, prefix)).decode())


USERS = {"baker": hashed(b"croissant"), "cook": hashed("crème brûlée".encode())}


def basic(text: bytes) -> str:
    return "Basic " + base64.b64encode(text).decode()


@pytest.mark.parametrize(
    ("header", "name", "password"),
    [
        (basic(b"baker:croissant"), "baker", b"croissant"),
        (basic(b"baker:a:b"), "baker", b"a:b"),
        (basic(b":"), "", b""),
        (basic("cook:brûlée".encode()), "cook", "brûlée".encode()),
        (basic(b"\xff:x"), "�", b"x"),
        ("bAsIc  " + base64.b64encode(b"a:b").decode(), "a", b"b"),
    ],
)
def test_credentials_are_read(header: str, name: str, password: bytes) -> None:
    assert shown(header) == Credentials(name, password)
    assert "croissant" not in repr(shown(header))


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !", basic(b"baker"), "Bearer YTpi", "Basic ä", "Basic YTpi YTpi"]
)
def test_what_is_none_is_none(header: str) -> None:
    assert shown(header) is None


@pytest.mark.parametrize(
    ("name", "password", "right"),
    [
        ("baker", b"croissant", True),
        ("cook", "crème brûlée".encode(), True),
        ("baker", b"croissan", False),
        ("baker", b"", False),
        ("baker", b"crois\0sant", False),
        ("cook", b"croissant", False),
        ("nobody", b"croissant", False),
    ],
)
async def test_a_password_is_that_of_its_user(name: str, password: bytes, right: bool) -> None:
    passwords, given = Passwords(), Credentials(name, password)
    assert await passwords.right(USERS, given) is right
    assert passwords.remembers(USERS, given) is right
    assert len(passwords) == right


async def test_the_prefix_of_htpasswd_and_long_passwords_do() -> None:
    long = b"x" * 100
    users = {"a": Secret("$2y" + hashed(long[:72]).reveal()[3:])}
    assert await Passwords().right(users, Credentials("a", long))


async def test_without_users_nobody_is_right() -> None:
    assert not await Passwords().right({}, Credentials("a", b"b"))


async def test_what_was_right_is_forgotten_with_the_hash() -> None:
    passwords, given = Passwords(), Credentials("baker", b"croissant")
    await passwords.right(USERS, given)
    assert not passwords.remembers({"baker": hashed(b"croissant")}, given)
    assert not passwords.remembers({}, given)
    assert not passwords.remembers(USERS, Credentials("baker", b"other"))


async def test_only_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_password, "REMEMBERED", 1)
    passwords = Passwords()
    first, second = (
        Credentials("baker", b"croissant"),
        Credentials("cook", "crème brûlée".encode()),
    )
    await passwords.right(USERS, first)
    await passwords.right(USERS, second)
    assert (passwords.remembers(USERS, first), passwords.remembers(USERS, second)) == (False, True)


async def test_many_who_show_the_same_wait_for_one_hash_and_the_loop_does_not() -> None:
    passwords, users = Passwords(), {"a": hashed(b"b", 8)}
    began = time.monotonic()
    await passwords.right(users, Credentials("a", b"wrong"))
    once = time.monotonic() - began
    longest, last, asked = 0.0, time.monotonic(), time.monotonic()
    all_of_them = asyncio.gather(
        *(passwords.right(users, Credentials("a", b"b")) for _ in range(50))
    )
    while not all_of_them.done():
        await asyncio.sleep(0.001)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    assert await all_of_them == [True] * 50
    assert time.monotonic() - asked < 25 * once + 1
    assert longest < 0.5


async def test_a_caller_that_leaves_takes_nothing_from_the_others() -> None:
    passwords, users, given = Passwords(), {"a": hashed(b"b", 8)}, Credentials("a", b"b")
    leaving = asyncio.create_task(passwords.right(users, given))
    staying = asyncio.create_task(passwords.right(users, given))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await staying
    assert leaving.cancelled()


async def test_too_many_are_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_password, "WAITING", 2)
    passwords = Passwords()
    tasks = [
        asyncio.create_task(passwords.right(USERS, Credentials("baker", b"%d" % n)))
        for n in range(3)
    ]
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert found[:2] == [False, False]
    assert isinstance(found[2], BusyError)
    assert await passwords.right(USERS, Credentials("baker", b"croissant"))


async def test_an_unknown_name_takes_the_time_of_a_known_one() -> None:
    passwords, users = Passwords(), {"a": hashed(b"b", 9)}

    async def took(name: str) -> float:
        seconds = []
        for n in range(5):
            began = time.process_time()
            await passwords.right(users, Credentials(name, b"%d" % n))
            seconds.append(time.process_time() - began)
        return min(seconds)

    known, unknown = await took("a"), await took("nobody")
    assert 0.3 < unknown / known < 3
