"""Jobs: progress, cancelling at once, errors as sentences, and nothing left behind."""

import threading
import time

import pytest
from PySide6.QtTest import QTest

from engine.errors import UserError
from gui.core import jobs as jobs_module
from gui.core.jobs import JobRunner

PATIENCE_S = 60.0


@pytest.fixture
def jobs(qapp):
    jobs = JobRunner()
    yield jobs
    assert jobs.shutdown(PATIENCE_S)


def until(holds):
    limit = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < limit
        QTest.qWait(2)


def test_the_result_comes_in_the_window_s_thread(jobs):
    seen = []

    def work(progress):
        return threading.current_thread()

    jobs.start("Working", work, lambda found: seen.append((found, threading.current_thread())))
    assert [job.title for job in jobs.running] == ["Working"]
    until(lambda: seen)
    assert seen[0][0] is not threading.main_thread()
    assert seen[0][1] is threading.main_thread()
    assert jobs.running == []


def test_progress_is_seen_while_it_works(jobs):
    go_on, seen, changes = threading.Event(), [], []

    def work(progress):
        progress.report(0.25, "Reading rows")
        go_on.wait(PATIENCE_S)

    job = jobs.start("Working", work, seen.append)
    jobs.changed.connect(lambda: changes.append(job.progress.fraction))
    until(lambda: 0.25 in changes)
    assert job.progress.text == "Reading rows"
    go_on.set()
    until(lambda: seen == [None])


def threads_of(title: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.endswith(f"job: {title}")]


def test_cancelling_counts_at_once_and_its_result_is_dropped(jobs):
    go_on, heard = threading.Event(), []

    def deaf(progress):
        go_on.wait(PATIENCE_S)
        return "too late"

    job = jobs.start("Working", deaf, heard.append, cancelled=lambda: heard.append("cancelled"))
    jobs.cancel(job)
    assert heard == ["cancelled"]
    assert jobs.running == []
    jobs.cancel(job)
    go_on.set()
    until(lambda: not threads_of("Working"))
    assert heard == ["cancelled"]


def test_a_job_that_has_ended_can_be_cancelled_until_its_result_is_handed_over(jobs):
    """Its result used to come all the same, and a run nobody wanted took the place of the one opened."""
    heard = []
    jobs.start("First", lambda progress: "first", lambda result: jobs.cancel(second))
    second = jobs.start(
        "Second", lambda progress: "second", heard.append, cancelled=lambda: heard.append("no")
    )
    # Both come to their end before the window hears of either.
    for thread in threads_of("First") + threads_of("Second"):
        thread.join(PATIENCE_S)
    until(lambda: not jobs.running)
    QTest.qWait(20)
    assert heard == ["no"]


def test_work_that_looks_ends_when_it_is_cancelled(jobs):
    ended = threading.Event()

    def work(progress):
        try:
            while True:
                progress.report(None)
        finally:
            ended.set()

    jobs.cancel(jobs.start("Working", work, lambda _: None))
    assert ended.wait(PATIENCE_S)


@pytest.mark.parametrize("error", [UserError("Here", expected="this", got="that"), MemoryError()])
def test_errors_are_sentences(jobs, error):
    own, public = [], []
    jobs.failed.connect(lambda title, found: public.append((title, found)))

    def work(progress):
        raise error

    jobs.start("Reading", work, lambda _: None, own.append)
    jobs.start("Writing", work, lambda _: None)
    until(lambda: own and public)
    assert public[0][0] == "Writing"
    assert all(isinstance(found, UserError) for found in (own[0], public[0][1]))


def test_a_fault_of_the_program_is_reported_and_whoever_waits_learns_of_it(jobs):
    crashes, failures = [], []
    jobs.crashed.connect(crashes.append)
    jobs.start("Dividing", lambda progress: 1 // 0, lambda _: None, failures.append)
    until(lambda: crashes and failures)
    assert "ZeroDivisionError" in crashes[0].traceback
    assert failures[0].where == "Dividing"


def test_what_is_short_or_quiet_is_not_listed(jobs, monkeypatch):
    go_on = threading.Event()
    job = jobs.start("Working", lambda progress: go_on.wait(PATIENCE_S), lambda _: None)
    quiet = jobs.start("Looking", lambda progress: go_on.wait(PATIENCE_S), lambda _: None, quiet=True)
    monkeypatch.setattr(jobs_module, "SHOWN_AFTER_S", 3600.0)
    assert not job.listed
    monkeypatch.setattr(jobs_module, "SHOWN_AFTER_S", 0.0)
    assert job.listed
    assert not quiet.listed
    titles = []
    jobs.ended.connect(titles.append)
    go_on.set()
    until(lambda: not jobs.running)
    assert titles == ["Working"]


def test_closing_does_not_wait_for_what_cannot_be_broken_off(qapp):
    jobs, go_on = JobRunner(), threading.Event()
    jobs.start("Working", lambda progress: go_on.wait(PATIENCE_S), pytest.fail)
    assert not jobs.shutdown(0.05)
    go_on.set()
    assert jobs.shutdown(PATIENCE_S)
