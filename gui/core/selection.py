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
        self._units: tuple[int, ...] | None = None
        self._samples: dict[PartName, int] = {}
        """What the run at hand has; the units are None while there is none."""

    @property
    def selected(self) -> Selected:
        """What is selected now."""
        return self._selected

    def select(self, **choice: Unpack[Choice]) -> None:
        """Select what is named, and leave the rest: `select(layer=2)`, `select(layer=2, unit=0)`.

        Another layer has other units and parameters: without one that is named, none is selected. A layer,
        unit or sample that the run at hand does not have is not selected either.
        """
        if "layer" in choice and choice["layer"] != self._selected.layer:
            choice.setdefault("unit", None)
            choice.setdefault("parameter", None)
        self._become(self._existing(replace(self._selected, **choice)))

    def begin_run(self, run: int, units: tuple[int, ...], samples: dict[PartName, int]) -> None:
        """Another run is at hand, or the same one with other settings: what it does not have is no longer
        selected.

        units : of each layer of its network. samples : how many each part of its data has.
        """
        now, self._units, self._samples = self._selected, units, samples
        same_run = run == now.run
        self._become(
            self._existing(
                replace(
                    now,
                    # The shapes of another network are not known here.
                    parameter=now.parameter if same_run else None,
                    step=now.step if same_run else None,
                    run=run,
                    rows=now.rows if same_run else (),
                )
            )
        )

    def end_run(self) -> None:
        """Another run takes the place of this one: of what it has nothing is known yet."""
        self._units = None

    def clear(self) -> None:
        """Another document: nothing is selected."""
        self._units = None
        self._become(Selected())

    def _existing(self, chosen: Selected) -> Selected:
        """Without a layer, unit or sample that the run at hand does not have."""
        units = self._units
        if units is None:
            return chosen
        layer, unit, sample = chosen.layer, chosen.unit, chosen.sample
        if layer is not None and not 0 <= layer < len(units):
            chosen = replace(chosen, layer=None, unit=None, parameter=None)
        elif unit is not None and (layer is None or not 0 <= unit < units[layer]):
            chosen = replace(chosen, unit=None)
        if sample is not None and not 0 <= sample.index < self._samples.get(sample.part, 0):
            chosen = replace(chosen, sample=None)
        return chosen

    def _become(self, new: Selected) -> None:
        old, self._selected = self._selected, new
        if new != old:
            self.changed.emit(new, old)
