"""Many steps are undone and redone fast, with training begun in between: none of them is lost."""

from PySide6.QtTest import QTest

from engine.layers.dense import Dense


def test_steps_undone_and_redone_while_training_starts_are_all_there(desk):
    document = desk.window.document
    begun = document.experiment
    for units in range(2, 27):
        layers = (Dense(units=units), *document.experiment.layers[1:])
        document.edit(document.experiment.replace(layers=layers), f"{units} units")
    ended, steps = document.experiment, document.undo_stack.count()
    assert steps == 25
    for direction, expected in (("undo", begun), ("redo", ended), ("undo", begun), ("redo", ended)):
        for _ in range(steps):
            desk.do(direction)
            QTest.qWait(5)
            desk.do("train")
        assert document.experiment == expected
    assert document.undo_stack.count() == steps
