"""The panel of the overfit check: the curve with its levels, what was off, and what may be the cause."""

from engine.layers.dense import Dense
from engine.layers.dropout import Dropout


def test_a_network_that_learns(checks):
    checks.edit(lambda old: old.replace(layers=(*old.layers, Dropout(rate=0.5))))
    panel = checks.run(checks.open("overfit_check"))
    result = panel.found.result
    assert panel.verdict.text().startswith("Learns: ")
    assert panel.caption.text() == "Started from the initial weights."
    assert panel.details.text().endswith("Switched off for it: dropout.")
    assert panel.details.text().startswith(f"The first loss is {result.losses[0]:.4g}")
    assert panel.findings == []
    texts = [level.text for level in panel.canvas.plot.levels]
    assert texts == [f"counts as learned: {result.goal:.4g}", "lowest possible: 0"]
    assert panel.canvas.plot.y_kind == "logarithmic"


def test_a_network_that_does_not_learn_and_why(checks):
    dead = Dense(units=4, activation="relu", bias_initializer={"kind": "constant", "value": -100.0})
    checks.edit(lambda old: old.replace(layers=(dead,)))
    panel = checks.run(checks.open("overfit_check"))
    assert panel.verdict.text().startswith("Does not learn: ")
    said = [message.text() for message in panel.findings]
    assert said[0].startswith("In Dense, 4 of 4 units are 0 for every example")
    assert all(message.isVisible() for message in panel.findings)
    checks.edit(lambda old: old.replace(layers=(Dense(units=16),)))
    checks.run(panel)
    assert panel.verdict.text().startswith("Learns: ")
    assert panel.findings == []
