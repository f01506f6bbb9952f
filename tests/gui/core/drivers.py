"""A worker on its thread, driven as the window drives it."""

import threading
import time

from engine.data import describe
from gui.core.messages import Channel, Frame
from gui.core.runs import Run
from gui.core.worker import Worker
from tests.engine.training.runs import trainer
from tests.gui.desk import PATIENCE_S


class Driver:
    """A worker on its thread, asked as the window asks."""

    def __init__(self):
        self.channel = Channel()
        self.worker = Worker(self.channel)
        self.worker.set_speed("full")
        self.thread = threading.Thread(target=self.worker.main)
        self.thread.start()
        self.seen = []

    def drive(self, settings, number=1) -> Run:
        source = settings.data.source
        run = Run(number, trainer(settings), describe(source.load(), settings.data))
        self.worker.drive(run)
        return run

    def frame(self, *queries) -> Frame:
        self.channel.ask(queries)
        self.worker.look()
        limit = time.monotonic() + PATIENCE_S
        while (frame := self.channel.take()) is None:
            assert time.monotonic() < limit, "no frame"
            time.sleep(0.001)
        return frame

    def until(self, status) -> Frame:
        limit = time.monotonic() + PATIENCE_S
        while (frame := self.frame()).status != status:
            assert time.monotonic() < limit, f"still {frame.status}, {self.messages()}"
        return frame

    def message(self, kind):
        limit = time.monotonic() + PATIENCE_S
        while not (found := [m for m in self.messages() if isinstance(m, kind)]):
            assert time.monotonic() < limit, f"no {kind.__name__} among {self.seen}"
            time.sleep(0.001)
        self.seen.remove(found[0])
        return found[0]

    def messages(self):
        while self.worker.outbox:
            self.seen.append(self.worker.outbox.popleft())
        return self.seen

    def close(self):
        self.worker.close()
        self.thread.join(PATIENCE_S)
        assert not self.thread.is_alive()
