"""Lessons: text beside the live program, with questions, tasks and checks on a person's own run."""

from engine.lessons.checks import CHECKS, AnyCheck, LessonState
from engine.lessons.files import SUFFIX, built_in, is_lesson_file, read_lesson
from engine.lessons.lesson import Lesson, Step
from engine.lessons.questions import AnyQuestion, MultipleChoice, NumberQuestion, typed_number

__all__ = [
    "CHECKS",
    "SUFFIX",
    "AnyCheck",
    "AnyQuestion",
    "Lesson",
    "LessonState",
    "MultipleChoice",
    "NumberQuestion",
    "Step",
    "built_in",
    "is_lesson_file",
    "read_lesson",
    "typed_number",
]
