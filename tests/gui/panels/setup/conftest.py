"""A table of flowers, and the column with the layers of the mockup."""

from pathlib import Path

import pytest

from engine.experiment import Experiment
from tests.gui.panels.setup.columns import LAYERS_OF_THE_MOCKUP, Column


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "flowers.csv"
    rows = [
        f"{i / 7:.3f},{'x' if i % 3 else 'y'},{'' if i == 5 else i % 4},flower {i},{i * 1.5}"
        for i in range(60)
    ]
    path.write_text("\n".join(["width,kind,petals,name,height", *rows]), encoding="utf-8")
    return path


@pytest.fixture
def column(qtbot) -> Column:
    return Column(qtbot, Experiment(layers=LAYERS_OF_THE_MOCKUP))
