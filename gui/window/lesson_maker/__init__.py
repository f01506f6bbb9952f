"""A teacher makes a lesson from the present state, or edits one."""

from gui.window.lesson_maker.commands import LessonMaking
from gui.window.lesson_maker.dialog import LessonDialog

__all__ = ["LessonDialog", "LessonMaking"]
