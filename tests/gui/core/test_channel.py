"""The channel: the newest wins, nothing queues, nothing is handed out twice."""

import threading

from gui.core.messages import Channel


def test_the_newest_result_takes_the_place_of_the_one_before():
    channel: Channel[str, int] = Channel()
    channel.put(1)
    channel.put(2)
    assert channel.take() == 2
    assert channel.take() is None


def test_a_request_is_seen_until_it_is_taken_and_taken_once():
    channel: Channel[str, int] = Channel()
    assert not channel.requested
    channel.ask("weights")
    channel.ask("weights and histograms")
    assert channel.requested
    assert channel.take_request() == "weights and histograms"
    assert not channel.requested
    assert channel.take_request() is None


def test_empty_results_are_results():
    channel: Channel[int, int] = Channel()
    channel.put(0)
    channel.ask(0)
    assert channel.requested
    assert channel.take_request() == 0
    assert channel.take() == 0


def test_a_slow_reader_gets_fewer_results_in_order_and_none_twice():
    channel: Channel[None, int] = Channel()
    last, seen = 20_000, []

    def write() -> None:
        for number in range(1, last + 1):
            channel.put(number)

    writer = threading.Thread(target=write)
    writer.start()
    while not seen or seen[-1] != last:
        found = channel.take()
        if found is not None:
            seen.append(found)
    writer.join()
    assert seen == sorted(set(seen))
    assert channel.take() is None


def test_two_takers_share_the_results_without_waiting_or_failing():
    channel: Channel[None, int] = Channel()
    seen: list[list[int]] = [[], []]
    done = threading.Event()

    def read(into: list[int]) -> None:
        while not done.is_set():
            found = channel.take()
            if found is not None:
                into.append(found)

    readers = [threading.Thread(target=read, args=(into,)) for into in seen]
    for reader in readers:
        reader.start()
    for number in range(5000):
        channel.put(number)
    done.set()
    for reader in readers:
        reader.join()
    assert not set(seen[0]) & set(seen[1])
