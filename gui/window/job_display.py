"""Where the window shows the jobs that run."""

from PySide6.QtCore import QObject

from gui.core.jobs import Job, JobRunner
from gui.window.banners import OpeningBanner
from gui.window.file_commands import FileCommands
from gui.window.job_list import JobView
from gui.window.status_line import StatusLine


class JobDisplay(QObject):
    """Shows what runs: in the status line, and a file that opens also over the centre."""

    def __init__(
        self, jobs: JobRunner, files: FileCommands, status_line: StatusLine, opening: OpeningBanner
    ) -> None:
        super().__init__(status_line)
        self._jobs, self._files, self._status_line, self._opening = jobs, files, status_line, opening
        jobs.changed.connect(self._show)
        jobs.ended.connect(lambda title: status_line.show_note(f"{title}: done."))
        status_line.jobs.cancel_requested.connect(jobs.cancel)
        opening.cancelled.connect(files.cancel_opening)
        files.opening.connect(self._show)

    def _show(self) -> None:
        listed = [job for job in self._jobs.running if job.listed]
        self._status_line.jobs.show_jobs(
            [JobView(job.number, job.title, _doing(job), job.progress.fraction) for job in listed]
        )
        opening = self._files.job
        if opening in listed:
            name = opening.title.partition(" ")[2]
            self._opening.show_opening(name, opening.progress.fraction)
        else:
            self._opening.finish()


def _doing(job: Job) -> str:
    """What a job is, and what it is at: "Opening big.csv: reading rows"."""
    text = job.progress.text
    return f"{job.title}: {text[:1].lower()}{text[1:]}" if text else job.title
