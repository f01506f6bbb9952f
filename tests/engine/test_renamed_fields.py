"""Fields with a name from before schema version 3: old files open, and a sentence names the new one."""

import json

import pytest

from engine.errors import UserError
from engine.experiment import SCHEMA_VERSION, Experiment, from_json
from engine.settings.renamed_fields import RENAMED_FIELDS, renamed_fields

TRAINING = (
    {
        "early_stopping": {"keep_best": False, "min_change": 0.5},
        "average": 0.5,
        "accumulate": 3,
        "stop_below": 0.25,
        "l1_step": "gradient",
    },
    {
        "early_stopping": {"restore_best_weights": False, "min_delta": 0.5},
        "weight_averaging": 0.5,
        "accumulate_batches": 3,
        "target_loss": 0.25,
        "l1_update": "gradient",
    },
)
RPROP = (
    {"kind": "rprop", "grow": 2.0, "shrink": 0.25, "smallest": 0.5, "largest": 3.0},
    {"kind": "rprop", "eta_plus": 2.0, "eta_minus": 0.25, "min_step": 0.5, "max_step": 3.0},
)
LBFGS = (
    {"kind": "lbfgs", "memory": 3, "evaluations": 4},
    {"kind": "lbfgs", "history_size": 3, "max_line_search_evaluations": 4},
)
LAYERS = [
    ({"kind": "gaussian_noise", "deviation": 0.5}, {"kind": "gaussian_noise", "std": 0.5}),
    ({"kind": "activation", "function": "tanh"}, {"kind": "activation", "activation": "tanh"}),
    ({"kind": "average_pool", "size": 3}, {"kind": "average_pool", "pool_size": 3}),
    ({"kind": "max_pool", "size": 3}, {"kind": "max_pool", "pool_size": 3}),
    ({"kind": "conv1d", "size": 5}, {"kind": "conv1d", "kernel_size": 5}),
    ({"kind": "dense", "over": "features"}, {"kind": "dense", "axes": "features"}),
    ({"kind": "layer_norm", "over": "sample"}, {"kind": "layer_norm", "axes": "sample"}),
    (
        {"kind": "positional_encoding", "form": "learned", "period": 50.0},
        {"kind": "positional_encoding", "encoding": "learned", "base": 50.0},
    ),
    ({"kind": "reshape", "form": "sequence"}, {"kind": "reshape", "target_shape": "sequence"}),
    (
        {"kind": "dense", "initializer": {"kind": "normal", "deviation": 0.5}},
        {"kind": "dense", "initializer": {"kind": "normal", "std": 0.5}},
    ),
]
RESIDUAL = {"kind": "residual", "layers": ["flatten"]}
CASES = [
    ({"training": TRAINING[0]}, {"training": TRAINING[1]}),
    ({"training": {"optimizer": RPROP[0]}}, {"training": {"optimizer": RPROP[1]}}),
    ({"training": {"optimizer": LBFGS[0]}}, {"training": {"optimizer": LBFGS[1]}}),
    (
        {"training": {"augmentation": [{"kind": "noise", "deviation": 0.5}]}},
        {"training": {"augmentation": [{"kind": "noise", "std": 0.5}]}},
    ),
    *(({"layers": [old]}, {"layers": [new]}) for old, new in LAYERS),
    *(
        ({"layers": [RESIDUAL | {"layers": [old]}]}, {"layers": [RESIDUAL | {"layers": [new]}]})
        for old, new in LAYERS
    ),
    (
        {"head": {"initializer": {"kind": "normal", "deviation": 0.5}}},
        {"head": {"initializer": {"kind": "normal", "std": 0.5}}},
    ),
]


def groups_in(values):
    """Each group of fields in JSON values, with the names of `RENAMED_FIELDS`."""
    waiting = [("", values)]
    for held_by, value in waiting:
        if isinstance(value, dict):
            yield value.get("kind", held_by), value
            waiting += value.items()
        elif isinstance(value, list):
            waiting += [(held_by, entry) for entry in value]


def test_the_cases_are_all_there_are():
    old = {(group, name) for values, _ in CASES for group, fields in groups_in(values) for name in fields}
    assert old >= {(group, name) for group, names in RENAMED_FIELDS.items() for name in names}


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(("old", "new"), CASES)
def test_an_experiment_of_an_older_version_opens_with_the_new_names(old, new, version):
    before = json.dumps(old)
    found = from_json(json.dumps({"schema_version": version, **old}), "old.json")
    assert found == from_json(json.dumps(new), "new.json")
    assert found != Experiment()
    assert found.schema_version == SCHEMA_VERSION
    assert before == json.dumps(old)


@pytest.mark.parametrize(("old", "new"), CASES)
@pytest.mark.parametrize("version", [{}, {"schema_version": SCHEMA_VERSION}])
def test_an_old_name_in_a_present_experiment_is_refused_with_the_new_one(old, new, version):
    fresh = {entry for _, fields in groups_in(new) for entry in fields}
    with pytest.raises(UserError, match="There is no such field; it is called “") as error:
        from_json(json.dumps({**version, **old}), "new.json")
    assert error.value.help.split("“")[1].split("”")[0] in fresh


def test_codes_are_called_integers():
    found = from_json('{"schema_version": 2, "data": {"categories": "codes"}}', "old.json")
    assert found.data.categories == "integer"
    with pytest.raises(UserError, match="expected one of 'one_hot' or 'integer', found 'codes'"):
        from_json('{"data": {"categories": "codes"}}', "new.json")


def test_the_sentence_names_the_group_and_both_names():
    with pytest.raises(UserError) as error:
        from_json('{"training": {"early_stopping": {"keep_best": true}}}', "new.json")
    assert str(error.value) == (
        "new.json, training, early stopping: expected the name of a field, found “keep_best”. "
        "There is no such field; it is called “restore_best_weights”."
    )


def test_an_old_name_counts_only_in_its_own_group():
    with pytest.raises(UserError) as error:
        from_json('{"training": {"optimizer": {"kind": "adam", "average": 0.5}}}', "new.json")
    assert "weight_averaging" not in str(error.value)


def test_both_names_at_once_are_refused():
    with pytest.raises(UserError, match=r"found “average”.* it is called “weight_averaging”"):
        from_json('{"schema_version": 2, "training": {"average": 0.5, "weight_averaging": 0.5}}', "old.json")


@pytest.mark.parametrize(
    "values",
    [
        {"training": 3, "layers": {"kind": []}},
        {"layers": [[], None, {"kind": {}, "layers": "x"}], "training": {"early_stopping": [3]}},
    ],
)
def test_what_is_damaged_stays_as_it_is(values):
    assert renamed_fields(values) == values


def test_groups_inside_one_another_without_end_are_no_trouble():
    values = {"average": 1}
    for _ in range(20_000):
        values = {"training": values}
    found = renamed_fields(values)
    while "training" in found:
        found = found["training"]
    assert found == {"weight_averaging": 1}
    # Taken apart one by one: Python's own way through so deep a group is a recursion.
    while "training" in values:
        values = values.pop("training")
