"""The worker: drives the trainer on its own thread, step by step, and answers commands in between. No Qt.

It makes no runs and reads no files: it is given a run, trains it, looks at it and copies it. Every command
names the run that it is for; one for another run is refused.
"""

import collections
import threading
import traceback
from collections.abc import Callable, Iterator

from engine.errors import UserError
from engine.experiment import Experiment
from engine.training.recent_states import keeping_states
from engine.training.stopping import Event
from engine.training.trainer import Trainer
from gui.core.captures import captured, frozen_network
from gui.core.frame_maker import FrameMaker, resting_status
from gui.core.messages import (
    Captured,
    Channel,
    Crashed,
    Edited,
    Frame,
    Goal,
    Message,
    Queries,
    Refused,
    Status,
    in_words,
)
from gui.core.pace import Speed, StepLimiter, steps_per_second
from gui.core.runs import Run


class Worker:
    """Drives the run at hand. Methods without underscore may be called from any thread.

    A command returns its number; a frame tells the number of the last command that was carried out.
    """

    def __init__(self, channel: Channel[Queries, Frame]) -> None:
        self.outbox: collections.deque[Message] = collections.deque()
        """Messages that must not be lost; the window takes them from the left."""
        self._channel = channel
        self._commands: collections.deque[Callable[[], None]] = collections.deque()
        self._wake = threading.Condition()
        self._closing = False
        self._issued = self._carried_out = 0
        self._run: Run | None = None
        """The run at hand."""
        self._frame_maker: FrameMaker | None = None
        self._status: Status = "preparing"
        self._goal: Goal | None = None
        self._turns = self._step_seen = 0
        """Batches or epochs still to be trained, where the goal is one of these; the last step counted."""
        self._held = 0
        """How many questions are open: until all are answered no steps are taken, whatever the goal."""
        self._steps: Iterator[Event] | None = None
        self._speed: Speed = "automatic"
        self._limiter = StepLimiter()

    # --- commands, from the window's thread --------------------------------------------------------------

    def drive(self, run: Run) -> int:
        """Take this run in hand, in place of the one before."""
        return self._send(lambda: self._drive(run))

    def leave(self, left: Callable[[], None] | None = None) -> int:
        """Have no run in hand; `left` is called when the last one is let go of, on the worker's thread."""
        return self._send(lambda: self._leave(left))

    def change(self, run: int, experiment: Experiment) -> int:
        """Let a run go on with other settings, of those that may change in mid-run."""
        return self._send(lambda: self._change(experiment), run)

    def train(self, run: int, goal: Goal = "run") -> int:
        """Train on; "batch" and "epoch" pause after one. Asked for several times, they are taken as often."""
        return self._send(lambda: self._train(goal), run)

    def pause(self, run: int) -> int:
        """Wait at the next step boundary."""
        return self._send(self._pause, run)

    def hold(self) -> int:
        """Take no step until `release`: a question is open. What was to be trained stays what it was."""
        return self._send(lambda: self._hold(1))

    def release(self) -> int:
        """Go on with what was held back, where it is still at hand."""
        return self._send(lambda: self._hold(-1))

    def stop(self, run: int) -> int:
        """End the run at the next step boundary."""
        return self._send(self._stop, run)

    def set_speed(self, speed: Speed) -> int:
        """Full speed, a pace that can be watched, or the one of both that suits the experiment."""
        return self._send(lambda: self._set_limiter(speed))

    def capture(self, run: int, request: int) -> int:
        """Copy the run as it then stands: a Captured with this request follows, in any case."""
        return self._send(lambda: self._capture(run, request))

    def freeze(self, run: int) -> int:
        """Copy the network in use, to be scored beside the training: a Frozen of this run follows."""
        return self._send(lambda: self._report(frozen_network), run)

    def edit(self, run: int, edit: Callable[[Run, int], Edited]) -> int:
        """Edit weights at the next step boundary, as an EditOrder says: an Edited follows."""
        return self._send(lambda: self._report(edit), run)

    def close(self) -> None:
        """Make `main` return at the next step boundary."""
        self._closing = True
        self.look()

    def look(self) -> None:
        """Answer the channel's request soon, even while nothing trains."""
        with self._wake:
            self._wake.notify_all()

    def _send(self, command: Callable[[], None], run: int | None = None) -> int:
        """run : number of the run that it is for; None: whichever is at hand."""

        def carry_out() -> None:
            if run is None or (self._run is not None and self._run.number == run):
                command()

        with self._wake:
            self._issued += 1
            self._commands.append(carry_out)
            self._wake.notify_all()
            return self._issued

    # --- the loop, on the worker's thread ----------------------------------------------------------------

    def main(self) -> None:
        """Serve until closed. A fault of the program becomes a message; the worker goes on."""
        try:
            self._serve_until_closed()
        finally:
            # A run that is left in mid-training has threads of its own, and holds the number of BLAS threads.
            self._leave(None)

    def _serve_until_closed(self) -> None:
        while not self._closing:
            try:
                self._serve()
            except Exception:
                # Whatever went wrong in here must reach the window as text, or nobody would ever learn of it.
                self._goal, self._steps = None, None
                self._status = "paused" if self._run is not None else "preparing"
                self.outbox.append(Crashed(traceback.format_exc()))

    @property
    def _trainer(self) -> Trainer | None:
        return self._run.trainer if self._run is not None else None

    def _serve(self) -> None:
        while self._commands:
            command = self._commands.popleft()
            try:
                command()
            finally:
                self._carried_out += 1
        self._answer()
        if self._goal is not None and not self._held:
            self._advance()
        else:
            with self._wake:
                if not (self._commands or self._closing or self._channel.requested):
                    self._wake.wait()

    def _advance(self) -> None:
        """Take steps until a command or a request comes in, the goal is reached or the run ends."""
        trainer = self._trainer
        if trainer is None:
            self._goal = None
        if trainer is None or not self._hold_back():
            return
        self._steps = self._steps or keeping_states(trainer)
        goal, commands, channel = self._goal, self._commands, self._channel
        for event in self._steps:
            # An epoch whose scoring was broken off ends without another step.
            stepped = event is not Event.SCORING and trainer.step > self._step_seen
            if stepped:
                self._step_seen = trainer.step
            if (goal == "batch" and stepped) or (goal == "epoch" and event is Event.EPOCH):
                self._turns -= 1
                if not self._turns:
                    self._pause()
                    return
            if stepped and self._limiter.on:
                self._limiter.step()
                self._hold_back()
            if commands or channel.requested or self._closing:
                return
        self._steps = None
        self._goal = None
        self._status = (
            "stopped" if trainer.stop_reason and trainer.stop_reason.kind != "finished" else "finished"
        )

    def _hold_back(self) -> bool:
        """Wait until the next step is due; False where something else comes in before."""
        while (delay := self._limiter.delay()) > 0 and not (self._commands or self._closing):
            with self._wake:
                if not (self._commands or self._closing or self._channel.requested):
                    self._wake.wait(delay)
            self._answer()
        return delay <= 0

    def _set_limiter(self, speed: Speed | None = None) -> None:
        self._speed, trainer = speed or self._speed, self._trainer
        if trainer is not None:
            pace = steps_per_second(self._speed, trainer.dataset.plane is not None, trainer.steps_per_epoch)
            self._limiter = StepLimiter(pace)

    def _answer(self) -> None:
        """Put a frame into the channel where the window has asked for one."""
        queries = self._channel.take_request()
        if queries is None:
            return
        if self._commands:
            # A request made after a command is to show what it did: the command comes first.
            if not self._channel.requested:
                self._channel.ask(queries)
            return
        if self._frame_maker is not None:
            held = self._held > 0 and self._status == "training"
            status: Status = "paused" if held else self._status
            self._channel.put(self._frame_maker.frame(status, queries, self._carried_out, held))

    # --- commands, on the worker's thread ----------------------------------------------------------------

    def _drive(self, run: Run) -> None:
        self._run, self._frame_maker = run, FrameMaker(run, self.outbox.append)
        self._steps, self._goal = None, None
        self._status = resting_status(run.trainer)
        self._set_limiter()

    def _leave(self, left: Callable[[], None] | None) -> None:
        self._goal, self._status = None, "preparing"
        self._run = self._frame_maker = self._steps = None
        if self._channel.take_request() is not None:  # of this run; a frame makes the window ask of the next
            self._channel.ask(())
        if left is not None:
            left()

    def _change(self, experiment: Experiment) -> None:
        run = self._run
        if run is None:
            return
        try:
            run.trainer.change(experiment)
        except (UserError, MemoryError) as error:
            self._goal, self._status = None, "invalid"
            self.outbox.append(Refused(run.number, experiment, in_words(error)))
            return
        self._set_limiter()
        if self._status in ("invalid", "finished"):
            self._status = resting_status(run.trainer)

    def _train(self, goal: Goal) -> None:
        if self._frame_maker is None or self._status == "invalid":
            return
        self._turns = self._turns + 1 if goal == self._goal else 1
        if self._goal is None and self._trainer is not None:
            self._step_seen = self._trainer.step
        self._goal, self._status = goal, "training"
        self._set_limiter()
        self._frame_maker.begin()

    def _pause(self) -> None:
        if self._goal is not None:
            self._goal, self._status = None, "paused"

    def _hold(self, questions: int) -> None:
        self._held = max(self._held + questions, 0)
        if self._frame_maker is not None and self._goal is not None:
            self._frame_maker.begin()

    def _stop(self) -> None:
        trainer = self._trainer
        if trainer is not None and (self._goal is not None or self._status == "paused"):
            self._steps, self._goal = None, None
            trainer.stop()
            self._status = "stopped"

    def _capture(self, number: int, request: int) -> None:
        message = Captured(request, None)
        try:
            message = captured(self._run, number, request)
        finally:  # In any case: somebody waits for it.
            self.outbox.append(message)

    def _report(self, work: Callable[[Run, int], Message]) -> None:
        if self._run is not None:
            self.outbox.append(work(self._run, self._carried_out + 1))
