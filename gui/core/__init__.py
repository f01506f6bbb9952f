"""What the window stands on: the document, the run that belongs to it, the worker, jobs and files."""
