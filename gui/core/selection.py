"""What is selected, shared by all panels: what is chosen in one of them is chosen in all."""

from dataclasses import dataclass, replace
from typing import Literal, TypedDict, Unpack

from PySide6.QtCore import QObject, Signal

PartName = Literal["training", "validation", "test"]


@dataclass(frozen=True)
class Sample:
    """One example: its index within a part of the data."""

    part: PartName
    index: int


@dataclass(frozen=True)
class Selected:
    """All that is selected; None where nothing of that kind is."""

    layer: int | None = None
    """Index in the network; the output layer is the last."""
    unit: int | None = None
    """Index in the selected layer."""
    parameter: tuple[str, tuple[int, ...]] | None = None
    """One weight or bias of the selected layer: name of the array, and position in it."""
    sample: Sample | None = None
    step: int | None = None
    """An earlier optimizer step of the run that is shown; None: the present one."""
    run: int = 0
    """Number of the run at hand; 0 while there is none."""
    rows: tuple[int, ...] = ()
    """Rows of the table, from 0, that are pointed out: those of a finding."""


class Choice(TypedDict, total=False):
    """What a panel can select, by name."""

    layer: int | None
    unit: int | None
    parameter: tuple[str, tuple[int, ...]] | None
    sample: Sample | None
    step: int | None
    rows: tuple[int, ...]


class Selection(QObject):
    """Observable selection. All methods and signals are of the window's thread.

    `changed` (new, old: Selected) is emitted when it is another. A panel calls `select` when a person
    chooses something in it, and shows what `Panel.show_selection` is given, its own choices among it.
    """

    changed = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._selected = Selected()

    @property
    def selected(self) -> Selected:
        """What is selected now."""
        return self._selected

    def select(self, **choice: Unpack[Choice]) -> None:
        """Select what is named, and leave the rest: `select(layer=2)`, `select(layer=2, unit=0)`.

        Another layer has other units and parameters: without one that is named, none is selected.
        """
        if "layer" in choice and choice["layer"] != self._selected.layer:
            choice.setdefault("unit", None)
            choice.setdefault("parameter", None)
        self._become(replace(self._selected, **choice))

    def begin_run(self, run: int, units: tuple[int, ...], samples: dict[PartName, int]) -> None:
        """Another run is at hand, or the same one with other settings: what it does not have is no longer
        selected.

        units : of each layer of its network. samples : how many each part of its data has.
        """
        now = self._selected
        same_run = run == now.run
        # The shapes of another network are not known here.
        parameter = now.parameter if same_run else None
        layer = now.layer if now.layer is not None and now.layer < len(units) else None
        unit = now.unit if layer is not None and now.unit is not None and now.unit < units[layer] else None
        sample = now.sample if now.sample and now.sample.index < samples.get(now.sample.part, 0) else None
        self._become(
            Selected(
                layer,
                unit,
                parameter,
                sample,
                now.step if same_run else None,
                run,
                now.rows if same_run else (),
            )
        )

    def clear(self) -> None:
        """Another document: nothing is selected."""
        self._become(Selected())

    def _become(self, new: Selected) -> None:
        old, self._selected = self._selected, new
        if new != old:
            self.changed.emit(new, old)
