"""The mailbox: the newest wins, nothing queues, nothing is handed out twice."""

import threading

from gui.core.frames import Mailbox


def test_the_newest_result_takes_the_place_of_the_one_before():
    mailbox: Mailbox[str, int] = Mailbox()
    mailbox.put(1)
    mailbox.put(2)
    assert mailbox.take() == 2
    assert mailbox.take() is None


def test_a_request_is_seen_until_it_is_taken_and_taken_once():
    mailbox: Mailbox[str, int] = Mailbox()
    assert not mailbox.requested
    mailbox.ask("weights")
    mailbox.ask("weights and histograms")
    assert mailbox.requested
    assert mailbox.take_request() == "weights and histograms"
    assert not mailbox.requested
    assert mailbox.take_request() is None


def test_empty_results_are_results():
    mailbox: Mailbox[int, int] = Mailbox()
    mailbox.put(0)
    mailbox.ask(0)
    assert mailbox.requested
    assert mailbox.take_request() == 0
    assert mailbox.take() == 0


def test_a_slow_reader_gets_fewer_results_in_order_and_none_twice():
    mailbox: Mailbox[None, int] = Mailbox()
    last, seen = 20_000, []

    def write() -> None:
        for number in range(1, last + 1):
            mailbox.put(number)

    writer = threading.Thread(target=write)
    writer.start()
    while not seen or seen[-1] != last:
        found = mailbox.take()
        if found is not None:
            seen.append(found)
    writer.join()
    assert seen == sorted(set(seen))
    assert mailbox.take() is None


def test_two_takers_share_the_results_without_waiting_or_failing():
    mailbox: Mailbox[None, int] = Mailbox()
    seen: list[list[int]] = [[], []]
    done = threading.Event()

    def read(into: list[int]) -> None:
        while not done.is_set():
            found = mailbox.take()
            if found is not None:
                into.append(found)

    readers = [threading.Thread(target=read, args=(into,)) for into in seen]
    for reader in readers:
        reader.start()
    for number in range(5000):
        mailbox.put(number)
    done.set()
    for reader in readers:
        reader.join()
    assert not set(seen[0]) & set(seen[1])
