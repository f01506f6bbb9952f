"""Residual layers: the shortcut and the inner layers, each of which is explained as its kind is."""

import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from engine.activations.rectifiers import Linear
from engine.arrays import Array
from engine.insight.trace.derivation import Factor, Place
from engine.insight.trace.kinds.base import Explanation, Factors, Sum, View
from engine.insight.trace.kinds.elementwise import activation_name, pre_activation_sum
from engine.insight.trace.kinds.weighted import upstream
from engine.insight.trace.stage import Draws, Stage
from engine.insight.trace.symbols import Symbol
from engine.layers import Layer, Workspace
from engine.layers.inner_layers import inside, outside, shortcut_projection
from engine.layers.residual import PROJECTION, Residual

BRANCH, SHORTCUT = "branch", "shortcut"


@dataclass(frozen=True)
class InnerView(View):
    """An inner layer, whose numbers are details and parameters of the outer one, by its key."""

    outer: View
    key: str
    previous: str | None
    """The key of the inner layer before it; None where its input is that of the outer layer."""

    def output(self, index: tuple[int, ...], gradient: bool = False) -> Place:
        return self.outer.detail(f"{self.key}.output{'_gradient' if gradient else ''}", index)

    def pre_activation(self, index: tuple[int, ...], gradient: bool = False) -> Place:
        return self.outer.detail(f"{self.key}.sum{'_gradient' if gradient else ''}", index)

    def input(self, index: tuple[int, ...], gradient: bool = False) -> Place:
        if gradient:
            return self.outer.detail(f"{self.key}.input_gradient", index)
        if self.previous is None:
            return self.outer.input(index)
        return self.outer.detail(f"{self.previous}.output", index)

    def parameter(self, name: str, index: tuple[int, ...], gradient: bool = False) -> Place:
        return self.outer.parameter(f"{self.key}.{name}", index, gradient)

    def detail(self, name: str, index: tuple[int, ...]) -> Place:
        return self.outer.detail(f"{self.key}.{name}", index)

    def upstream(self, row: int, index: tuple[int, ...], value: float) -> Factor:
        factor = self.factor(self.output(index, True), value, "how the loss moves with this output")
        return factor if row == self.stage.row else factor.__class__(*_without_place(factor))


class ResidualExplanation(Explanation):
    """y = f(shortcut + branch). Where inner layers are left out at random, only both sums are told."""

    def pre_activation(
        self, layer: Layer, parameters: Mapping[str, Array], x: Array, y: Array, workspace: Workspace
    ) -> Array | None:
        activation = layer.output_activation
        if activation is None or activation.identity:
            return y
        if "z" in workspace:
            return workspace["z"].copy()
        linear = layer.model_copy(update={"activation": Linear()})
        own = Workspace.of(linear.workspace_arrays(x.shape[1:]), len(x), y.dtype)
        draws = workspace.generator
        own.generator = draws.again() if isinstance(draws, Draws) else draws
        own.statistics = {name: array.copy() for name, array in workspace.statistics.items()}
        return np.array(linear.forward(parameters, x, own, True))

    def details(
        self, layer: Layer, parameters: Mapping[str, Array], x: Array, y: Array, workspace: Workspace
    ) -> dict[str, Array]:
        z = self.pre_activation(layer, parameters, x, y, workspace)
        shortcut = workspace[f"{PROJECTION}.y"].copy() if f"{PROJECTION}.y" in workspace else x
        return {SHORTCUT: shortcut} if z is None else {SHORTCUT: shortcut, BRANCH: z - shortcut}

    def stage_details(self, stage: Stage) -> dict[str, Array]:
        found: dict[str, Array] = {}
        for key, inner in inner_stages(stage).items():
            own = {
                **inner.details,
                "output": inner.y,
                "output_gradient": inner.dy,
                "input_gradient": inner.dx,
            }
            if inner.z is not None and inner.dz is not None:
                own |= {"sum": inner.z, "sum_gradient": inner.dz}
            found |= outside(key, own)
        return found

    def detail_meaning(self, layer: Layer, name: str) -> str:
        return {BRANCH: "what the inner layers give", SHORTCUT: "what the shortcut hands on"}.get(
            name, super().detail_meaning(layer, name)
        )

    # --- where numbers come from -------------------------------------------------------------------------

    def output_sum(self, view: View, index: tuple[int, ...]) -> Sum:
        stage = view.stage
        if BRANCH not in stage.details:
            return super().output_sum(view, index)
        names = (SHORTCUT, BRANCH)
        values = np.array([stage.details[name][(stage.row, *index)] for name in names])

        def make(number: int) -> Factors:
            meaning = self.detail_meaning(stage.layer, names[number])
            factor = view.factor(view.detail(names[number], index), values[number], meaning)
            return (factor,), ("through the shortcut", "through the inner layers")[number]

        return Sum(values, make, Symbol("x + F(x)", "x + F(x)"), activation_name(stage.layer))

    def input_sum(self, view: View, index: tuple[int, ...]) -> Sum:
        stage = view.stage
        inner = inner_stages(stage)
        at = (stage.row, *index)
        if not inner or stage.dz is None:
            return super().input_sum(view, index)
        first = view.detail("0.input_gradient", index)
        branch = float(inner["0"].dx[at])
        projected = inner.get(PROJECTION)
        shortcut = float(stage.dz[at]) if projected is None else float(projected.dx[at])

        def make(number: int) -> Factors:
            if number:
                return (
                    view.factor(first, branch, "what comes back through them"),
                ), "through the inner layers"
            if projected is None:
                return upstream(view, stage.row, index), "through the shortcut"
            place = view.detail(f"{PROJECTION}.input_gradient", index)
            return (view.factor(place, shortcut, "what comes back through it"),), "through the shortcut"

        formula = Symbol(
            r"\frac{\partial L}{\partial z} + \frac{\partial L}{\partial F} \frac{\partial F}{\partial x}",
            "∂L/∂z + ∂L/∂F · ∂F/∂x",
        )
        return Sum(np.array([shortcut, branch]), make, formula)

    def parameter_sum(self, view: View, name: str, index: tuple[int, ...]) -> Sum:
        key, _, own = name.partition(".")
        inner = dict(self._views(view)).get(key)
        if inner is None:
            return super().parameter_sum(view, name, index)
        return _explanation(inner).parameter_sum(inner, own, index)

    def detail_sum(self, view: View, name: str, index: tuple[int, ...]) -> Sum | None:
        key, _, own = name.partition(".")
        views = dict(self._views(view))
        inner = views.get(key)
        if inner is None:
            return None
        if own == "output":
            return _explanation(inner).output_sum(inner, index)
        if own == "sum":
            return _explanation(inner).output_sum(inner, index)._replace(wrapped="")
        if own == "sum_gradient":
            return pre_activation_sum(inner, inner.stage.row, index)
        if own == "input_gradient":
            return _explanation(inner).input_sum(inner, index)
        if own == "output_gradient":
            following = next((one for one in views.values() if one.previous == key), None)
            if following is not None:
                return _explanation(following).input_sum(following, index)
            return pre_activation_sum(view, view.stage.row, index)
        return _explanation(inner).detail_sum(inner, own, index)

    def _views(self, view: View) -> Iterator[tuple[str, InnerView]]:
        for key, stage in inner_stages(view.stage).items():
            previous = str(int(key) - 1) if key.isdigit() and key != "0" else None
            yield key, InnerView(stage, view.symbols, view.recorded, view, key, previous)


def _explanation(view: View) -> Explanation:
    # Not at the top: the registry lists this kind too.
    from engine.insight.trace.kinds import explanation_of

    return explanation_of(view.stage.layer)


def _without_place(factor: Factor) -> tuple[str, str, float, str, str]:
    return factor.symbol, factor.text, factor.value, factor.numbers, factor.meaning


_inside: "weakref.WeakKeyDictionary[Stage, dict[str, Stage]]" = weakref.WeakKeyDictionary()
"""The inner layers of each stage that is in use."""


def inner_stages(stage: Stage) -> dict[str, Stage]:
    """The inner layers at work, and the projection, by key; none where they draw random numbers."""
    found = _inside.get(stage)
    if found is None:
        found = _inside[stage] = _run_inside(stage)
    return found


def _run_inside(stage: Stage) -> dict[str, Stage]:
    layer, dz = stage.layer, stage.dz
    if not isinstance(layer, Residual) or dz is None or layer.drop_rate:
        return {}
    if any(inner.random and inner.as_evaluated() != inner for inner in layer.layers):
        return {}
    x, waiting = stage.x, []
    for number, inner in enumerate(layer.layers):
        waiting.append(_Inner(stage, str(number), inner, x))
        x = waiting[-1].y
    found: dict[str, Stage] = {}
    dy = dz
    for one in reversed(waiting):
        found[one.key] = one.back(dy)
        dy = found[one.key].dx
    projection = shortcut_projection(layer.heading, stage.input_shape, stage.y.shape[1:])
    if projection is not None:
        found[PROJECTION] = _Inner(stage, PROJECTION, projection, stage.x).back(dz)
    return found


class _Inner:
    """An inner layer between its forward and its backward pass."""

    def __init__(self, outer: Stage, key: str, layer: Layer, x: Array) -> None:
        self.key, self._outer, self._layer, self._x = key, outer, layer, x
        self._parameters = inside(key, outer.parameters)
        space = Workspace.of(layer.workspace_arrays(x.shape[1:]), len(x), np.dtype(np.float64))
        space.needs_dx, space.generator = True, Draws(outer.seed, outer.rows)
        space.statistics = {name: one.copy() for name, one in inside(key, outer.statistics).items()}
        self._space = space
        self.y = np.array(layer.forward(self._parameters, x, space, True))

    def back(self, dy: Array) -> Stage:
        from engine.insight.trace.kinds import explanation_of

        layer, x, y, space = self._layer, self._x, self.y, self._space
        own = explanation_of(layer)
        z = own.pre_activation(layer, self._parameters, x, y, space)
        details = own.details(layer, self._parameters, x, y, space)
        gradients = {name: np.zeros_like(one) for name, one in self._parameters.items()}
        dx = np.array(layer.backward(self._parameters, gradients, dy.copy(), space)).reshape(x.shape)
        details |= own.gradient_details(layer, x, space)
        outer = self._outer
        stage = Stage(
            layer=layer,
            index=outer.index,
            name=outer.name,
            parameters=self._parameters,
            gradients=gradients,
            statistics=inside(self.key, outer.statistics),
            x=x,
            y=y,
            computed=y,
            z=z,
            dx=dx,
            dy=dy,
            dz=own.dz(layer, z, y, dy),
            details=details,
            seed=outer.seed,
            row=outer.row,
            fixed=(),
        )
        return stage.with_details(own.stage_details(stage))
