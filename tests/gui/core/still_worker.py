"""The window's side of a worker that always shows the same, however often it is asked."""

from collections import deque
from collections.abc import Callable
from typing import ClassVar

from gui.core import worker_client
from gui.core.messages import Frame
from gui.core.worker_client import WorkerClient


class StillBudget:
    """Time for a frame whenever one is wanted; `share` is None until a frame has come."""

    newest: ClassVar["StillBudget"]

    def __init__(self, *_):
        self.share = None
        StillBudget.newest = self

    def begin(self):
        pass

    def due(self):
        return True


def client_of_still_worker(monkeypatch, frame: Frame, queries: Callable[[], tuple]) -> WorkerClient:
    """A client that has been started. queries : called whenever it asks for a frame."""

    class StillWorker:
        def __init__(self, channel):
            self.outbox, self._channel = deque(), channel

        def main(self):
            pass

        def close(self):
            pass

        def look(self):
            self._channel.take_request()
            self._channel.put(frame)

    monkeypatch.setattr(worker_client, "Worker", StillWorker)
    monkeypatch.setattr(worker_client, "FrameBudget", StillBudget)
    client = WorkerClient(queries)
    client.start()
    return client
