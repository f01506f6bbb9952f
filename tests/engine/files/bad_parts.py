"""Changes of a part after which a file cannot be opened, and what the sentence then says."""

import json
from collections.abc import Callable

import numpy as np

from engine.experiment import SCHEMA_VERSION
from tests.engine.files.changed_parts import (
    Parts,
    history,
    json_of,
    lacking,
    letters,
    manifest,
    state,
    tensors,
    text_of,
    with_value,
)

CATEGORY = {
    "kind": "category",
    "column": "c",
    "categories": ["a", "b"],
    "own_missing": False,
    "missing_value": None,
}
IMAGE = {"kind": "image", "column": "i", "shape": [8, 8, 1], "offset": 0.0, "scale": 1.0}

NEWER = SCHEMA_VERSION + 1

BAD_PARTS: dict[str, tuple[Callable[[Parts], Parts], str]] = {
    # manifest.json
    "newer schema": (
        manifest(schema_version=NEWER, program_version="9.1"),
        f"found version {NEWER}, of Gradwright 9.1",
    ),
    "schema 0": (manifest(schema_version=0), "manifest.json, schema version"),
    "schema true": (manifest(schema_version=True), "manifest.json, schema version"),
    "schema as text": (manifest(schema_version="1"), "manifest.json, schema version"),
    "no schema": (
        lacking("manifest.json", "schema_version"),
        "manifest.json, schema version: expected a val",
    ),
    "another program": (manifest(program="Keras"), "manifest.json, program"),
    "fingerprint a number": (manifest(fingerprint=7), "manifest.json, fingerprint: expected a text, found 7"),
    "no fingerprint": (manifest(fingerprint=""), "expected fingerprint and split"),
    "no split": (manifest(split=None), "expected fingerprint and split"),
    "other data": (manifest(split__training=85), "expected the split into training"),
    "split with true": (manifest(split__test=True), "manifest.json, split, test"),
    "state a list": (manifest(state=[1]), "manifest.json, state: expected a group of fields"),
    "step true": (state(step=True), "manifest.json, state, step: expected a whole number, found true"),
    "step 1.5": (state(step=1.5), "manifest.json, state, step: expected a whole number"),
    "step negative": (state(step=-1), "manifest.json, state, step: expected a number of at least 0"),
    "step as text": (state(step="15"), "manifest.json, state, step: expected a whole number, found '15'"),
    "step null": (state(step=None), "manifest.json, state, step"),
    "no step": (lacking("manifest.json", "state__step"), "state, step: expected a value, found nothing"),
    "step of another run": (state(step=14, optimizer_steps=14), "history.npz, steps/"),
    "step enormous": (state(step=10**18), "state, step: expected a number of at most"),
    "epoch of another run": (state(epoch=3), "history.npz, epochs/"),
    "position beyond the data": (state(position=85), "state, position: expected at most 84"),
    "position negative": (state(position=-1), "state, position"),
    "seconds negative": (state(seconds=-0.5), "state, seconds: expected a number of at least 0"),
    "seconds NaN": (state(seconds=float("nan")), "state, seconds: expected a finite number"),
    "loss sum infinite": (state(loss_sum=float("inf")), "state, loss sum: expected a finite number"),
    "in_epoch 1": (state(in_epoch=1), "state, in epoch: expected true or false"),
    "best epoch of the future": (state(best_epoch=99), "expected a best epoch among those done"),
    "best loss alone": (state(best_epoch=0), "expected a best epoch among those done"),
    "patience of the future": (state(patience_epoch=99), "expected patience that counts from the best epoch"),
    "patience from before the best": (state(patience_epoch=0), "expected patience that counts from the best"),
    "warm-up negative": (state(warmup_epochs=-1.0), "state, warmup epochs: expected a number of at least 0"),
    "unknown stop": (state(stop_kind="crashed", stop_reason="x"), "state, stop kind: expected one of"),
    "stop without sentence": (state(stop_kind="early"), "expected a stop reason with kind and sentence"),
    "a schedule's memory too short": (
        lambda parts: state(schedule_state=[1.0])(
            json_of("experiment.json", training__schedule={"kind": "plateau"})(parts)
        ),
        "schedule memory: expected what the schedule “reduce on plateau” remembers, found 1 numbers",
    ),
    "a schedule's memory NaN": (state(schedule_state=[float("nan")]), "state, schedule state, entry 1"),
    "optimizer ahead": (state(optimizer_steps=16), "expected no more steps of the optimizer"),
    # experiment.json
    "experiment of other units": (
        text_of("experiment.json", '"units": 5', '"units": 6'),
        "parameters.safetensors, Dense 1.weight: expected 2 × 6 float32, found 2 × 5 float32",
    ),
    "experiment invalid": (
        text_of("experiment.json", '"units": 5', '"units": -5'),
        "units: expected a number of",
    ),
    "experiment of the future": (
        json_of("experiment.json", schema_version=NEWER),
        f"found version {NEWER}",
    ),
    "unknown layer": (
        text_of("experiment.json", '"kind": "dropout"', '"kind": "warp"'),
        "experiment.json, layers, entry 2: expected one of",
    ),
    "rate NaN": (text_of("experiment.json", '"rate": 0.2', '"rate": NaN'), "experiment.json, layers"),
    "rate infinite": (
        text_of("experiment.json", '"rate": 0.2', '"rate": Infinity'),
        "experiment.json, layers",
    ),
    "deep": (
        lambda parts: parts | {"experiment.json": b"[" * 200_000},
        "experiment.json: expected an experiment in JSON, found numbers too long or groups too deep",
    ),
    "long number": (
        text_of("experiment.json", '"units": 5', f'"units": {"9" * 5000}'),
        "experiment.json: expected an experiment in JSON, found numbers too long",
    ),
    "another optimizer": (
        text_of("experiment.json", '"kind": "adam"', '"kind": "adagrad"'),
        "experiment.json",
    ),
    "another loss": (
        json_of("experiment.json", training__loss={"kind": "binary_cross_entropy"}),
        "experiment.json, Training",
    ),
    "another precision": (
        json_of("experiment.json", training__precision="float64"),
        "Dense 1.weight: expected 2 × 5 float64, found 2 × 5 float32",
    ),
    "a layer that does not fit": (
        json_of("experiment.json", data__source={"kind": "digits"}, layers=[]),
        "Output.weight: expected",
    ),
    # parameters.safetensors
    "a weight of whole numbers": (
        tensors("parameters", **{"Dense 1.weight": lambda a: a.astype(np.int32)}),
        "parameters.safetensors, Dense 1.weight: expected 2 × 5 float32, found 2 × 5 int32",
    ),
    "a bias too short": (
        tensors("parameters", **{"Dense 2.bias": lambda a: a[:-1].copy()}),
        "Dense 2.bias: expected 4 float32, found 3 float32",
    ),
    "a weight in one row": (
        tensors("parameters", **{"Output.weight": lambda a: a.reshape(-1)}),
        "Output.weight: expected 4 × 2 float32, found 8 float32",
    ),
    "a weight NaN": (
        tensors("parameters", **{"Dense 2.weight": with_value(np.nan)}),
        "parameters.safetensors, Dense 2.weight: expected finite numbers, found NaN or infinity",
    ),
    "a bias infinite": (
        tensors("parameters", **{"Output.bias": with_value(-np.inf, 1)}),
        "Output.bias: expected finite numbers, found NaN or infinity",
    ),
    "a weight missing": (
        tensors("parameters", **{"Dense 2.weight": None}),
        "parameters.safetensors: expected an array 'Dense 2.weight', for “weight” of Dense 2, found none",
    ),
    "parameters by the names of before": (
        tensors("parameters", **{"Dense 1.weight": None}, parameters=lambda a: np.zeros(49, np.float32)),
        "an array 'Dense 1.weight'",
    ),
    "a layer more": (
        tensors("parameters", **{"Dense 3.weight": lambda a: np.zeros(3)}),
        "expected only arrays that belong to this network, found 'Dense 3.weight': it has no layer Dense 3",
    ),
    "a parameter more": (
        tensors("parameters", **{"Dense 1.scale": lambda a: np.zeros(3)}),
        "found 'Dense 1.scale': Dense 1 has no “scale”",
    ),
    "an array of no layer": (tensors("parameters", extra=lambda a: np.zeros(3)), "found 'extra'"),
    # state.safetensors
    "slot too short": (
        tensors("state", **{"optimizer/mean/Dense 1.bias": lambda a: a[:-1].copy()}),
        "state.safetensors, optimizer/mean/Dense 1.bias: expected 5 float32, found 4 float32",
    ),
    "slot of whole numbers": (
        tensors("state", **{"optimizer/mean/Dense 1.bias": lambda a: a.astype(np.int64)}),
        "found 5 int64",
    ),
    "slot NaN": (
        tensors("state", **{"optimizer/squares/Output.bias": with_value(np.nan)}),
        "optimizer/squares/Output.bias: expected numbers",
    ),
    "slot missing": (
        tensors("state", **{"optimizer/squares/Dense 2.bias": None}),
        "expected an array 'optimizer/squares/Dense 2.bias', for “bias” of Dense 2, found none",
    ),
    "generator too short": (
        tensors("state", generator__dropout=lambda a: a[:5].copy()),
        "generator/dropout: exp",
    ),
    "generator of reals": (tensors("state", generator__dropout=lambda a: a.astype(float)), "found 6 float64"),
    "generator missing": (tensors("state", generator__shuffling=None), "an array 'generator/shuffling'"),
    "generator's flag": (
        tensors("state", generator__epoch=with_value(2, 4)),
        "generator/epoch: expected the st",
    ),
    "generator's half": (
        tensors("state", generator__epoch=with_value(2**33, 5)),
        "generator/epoch: expected the",
    ),
    "best of another network": (
        tensors("state", **{"best/Dense 1.bias": lambda a: a[:3].copy()}),
        "best/Dense 1.bias: expected 5 float32, found 3 float32",
    ),
    "best NaN": (
        tensors("state", **{"best/Output.weight": with_value(np.nan)}),
        "best/Output.weight: expected finite",
    ),
    "best without a layer": (
        tensors("state", **{"best/Output.weight": None}),
        "an array 'best/Output.weight', for “weight” of Output, found none",
    ),
    "a slot more": (
        tensors("state", **{"optimizer/third/Dense 1.bias": lambda a: np.zeros(5, np.float32)}),
        "found 'optimizer/third/Dense 1.bias'",
    ),
    "a slot of another layer": (
        tensors("state", **{"optimizer/mean/GRU.bias": lambda a: np.zeros(5, np.float32)}),
        "found 'optimizer/mean/GRU.bias': it has no layer GRU",
    ),
    # history.npz
    "column missing": (history(steps__loss=None), "expected an array 'steps/loss', found none"),
    "column of another network": (
        history(**{"steps__gradient_norm/9": lambda a: np.zeros(15)}),
        "'steps/grad",
    ),
    "column too short": (
        history(steps__loss=lambda a: a[:-1]),
        "steps/loss: expected 15 float64, found 14 float64",
    ),
    "column of float32": (history(steps__loss=lambda a: a.astype(np.float32)), "found 15 float32"),
    "column of texts": (history(steps__loss=lambda a: a.astype(str)), "found 15 texts"),
    "column of two axes": (history(steps__loss=lambda a: a.reshape(3, 5)), "found 3 × 5 float64"),
    "no axis": (history(epochs__seconds=lambda a: np.array(1.0)), "found 1 float64"),
    "no marks": (history(marks__text=None), "history.npz, marks/text: expected a list of texts"),
    "marks of numbers": (
        history(marks__text=lambda a: np.zeros(1)),
        "history.npz, marks/text: expected a list",
    ),
    "marks of unequal length": (
        history(marks__step=lambda a: np.zeros(7, np.int64)),
        "marks/step: expected 1 int64",
    ),
    "marks without steps": (history(marks__step=None), "an array 'marks/step'"),
    "marks at NaN": (history(marks__epoch=with_value(np.nan)), "marks/epoch: expected finite numbers"),
    "marks of no letters": (
        history(marks__text=letters),
        "marks/text: expected texts, found codes of no letter",
    ),
    # preparation.json
    "no inputs": (
        json_of("preparation.json", inputs=[]),
        "inputs: expected a longer list, of 1 or more",
    ),
    "scale 0": (
        text_of("preparation.json", '"scale": ', '"scale": -'),
        "preparation.json, inputs, entry",
    ),
    "the same input twice": (
        lambda parts: json_of(
            "preparation.json", inputs=json.loads(parts["preparation.json"])["inputs"][:1] * 2
        )(parts),
        "expected a different column for each input",
    ),
    "a category that is none": (
        json_of("preparation.json", inputs=[CATEGORY | {"missing_value": "c"}]),
        "expected one of the categories to stand in",
    ),
    "the same category twice": (
        json_of("preparation.json", inputs=[CATEGORY | {"categories": ["a", "a"]}]),
        "expected categories that differ",
    ),
    "an image without pixels": (
        json_of("preparation.json", inputs=[IMAGE | {"shape": [8, -8, 1]}]),
        "preparation.json, inputs, entry 1, image, shape, entry 2",
    ),
    "an image beside numbers": (
        json_of("preparation.json", inputs=[IMAGE, CATEGORY]),
        "expected images as the only input",
    ),
    "no target": (lacking("preparation.json", "target"), "preparation.json, target: expected a value"),
    "another target": (
        json_of("preparation.json", target={"kind": "number", "column": "y", "mean": 0.0, "std": 1.0}),
        "Output.weight: expected 4 × 1 float32",
    ),
    "an unknown input": (
        json_of("preparation.json", inputs=[{"kind": "sound", "column": "a"}]),
        "preparation.json, inputs, entry 1: expected one of",
    ),
    "offset NaN": (
        json_of(
            "preparation.json",
            target={"kind": "number", "column": "y", "mean": float("nan"), "std": 1.0},
        ),
        "preparation.json, target",
    ),
}
