"""Work on the disk behind the training's back: in order, whole, and nothing after a failure."""

from __future__ import annotations

import threading
import time
from functools import partial

import pytest

from nncli.runs.background import MOST_WAITING, Background


def fail(message: str) -> None:
    raise OSError(message)


def test_everything_is_done_in_order_by_one_other_thread() -> None:
    done: list[tuple[int, str]] = []

    def work(number: int) -> None:
        time.sleep(0.001 * (5 - number % 5))
        done.append((number, threading.current_thread().name))

    with Background() as disk:
        for number in range(30):
            disk.do(partial(work, number))
    assert [number for number, _ in done] == list(range(30))
    assert len({name for _, name in done}) == 1
    assert threading.current_thread().name not in {name for _, name in done}


def test_nobody_waits_while_there_is_room() -> None:
    gate = threading.Event()
    with Background() as disk:
        for _ in range(MOST_WAITING + 1):
            disk.do(gate.wait)
        waits = threading.Thread(target=disk.do, args=(gate.wait,))
        waits.start()
        waits.join(0.05)
        assert waits.is_alive()  # there is no more room
        gate.set()
        waits.join(10)
        assert not waits.is_alive()


def test_a_failure_is_told_and_nothing_follows_it() -> None:
    done: list[str] = []
    disk = Background()

    def give() -> None:
        disk.do(partial(fail, "the disk is full"))
        for number in range(10 * MOST_WAITING):
            disk.do(partial(done.append, str(number)))

    with pytest.raises(OSError, match="the disk is full"):
        give()
    with disk:
        pass  # it was told already
    assert done == []


def test_a_failure_of_the_last_work_is_told_at_the_end() -> None:
    def use() -> None:
        with Background() as disk:
            disk.do(partial(fail, "at the end"))

    with pytest.raises(OSError, match="at the end"):
        use()


def test_what_was_given_is_done_before_a_failure_elsewhere_goes_on() -> None:
    done: list[str] = []

    def use() -> None:
        with Background() as disk:
            disk.do(partial(time.sleep, 0.02))
            disk.do(partial(done.append, "written"))
            raise KeyError("elsewhere")

    with pytest.raises(KeyError, match="elsewhere"):
        use()
    assert done == ["written"]
