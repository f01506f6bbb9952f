"""Autoencoders: against PCA, against NumPy by hand, and everything that is made of the error per sample."""

import json
import math

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.metrics import r2_score

from engine.files.run_file import load, resume, save, saved_run
from engine.insight.run_queries import DecisionMapQuery, NeuronMapsQuery
from engine.metrics import USUAL, Measurement
from engine.metrics.regression import ReconstructionSums, sample_errors
from engine.training.reconstruction import largest_errors
from engine.training.trainer import Trainer
from tests.engine.training.autoencoders import FLATTEN, autoencoder, data_of
from tests.engine.training.runs import dense, experiment, finish, take, trainer


@pytest.fixture(scope="module")
def run() -> Trainer:
    adam = {"kind": "adam", "learning_rate": 0.01}
    return finish(trainer(autoencoder([dense(6), dense(2, "linear"), dense(6)], epochs=40, optimizer=adam)))


# --- what is learned ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("source", "k"), [("wine", 3), ("iris", 1), ("iris", 2)])
def test_a_linear_autoencoder_finds_the_principal_components(source, k):
    """Baldi & Hornik 1989: every minimum of the linear network spans them; all others are saddle points."""
    settings = autoencoder(
        [dense(k, "linear")], source, optimizer={"kind": "lbfgs"}, epochs=200, precision="float64"
    )
    run = finish(trainer(settings))
    x = run.dataset.training.targets
    pca = PCA(k).fit(x)
    left = ((x - pca.inverse_transform(pca.transform(x))) ** 2).mean()
    found = run.evaluate("training").metrics
    assert found["mse"] == pytest.approx(left, rel=1e-9)
    assert found["variance_explained"] == pytest.approx(pca.explained_variance_ratio_.sum(), rel=1e-9)


def test_noise_spoils_the_input_and_not_the_target():
    """Vincent et al. 2008, denoising: without it the error could become 0, with it it cannot."""
    noisy = [{"kind": "gaussian_noise", "std": 1.0}, dense(4, "linear")]
    settings = {"optimizer": {"kind": "lbfgs"}, "epochs": 60, "precision": "float64"}
    plain = finish(trainer(autoencoder([dense(4, "linear")], **settings)))
    assert plain.evaluate("training").metrics["mse"] < 1e-6
    settings["optimizer"] = {"kind": "adam", "learning_rate": 0.01}
    settings["epochs"] = 100
    denoising = finish(trainer(autoencoder(noisy, **settings)))
    x = denoising.dataset.training.inputs
    assert np.array_equal(x, data_of(denoising.experiment).training.targets)
    # The best linear answer to x + noise is x C (C + 1)⁻¹, with the covariance C: it shrinks clean inputs.
    covariance = np.cov(x.T, bias=True)
    shrinking = covariance @ np.linalg.inv(covariance + np.eye(4))
    expected = ((x @ shrinking - x) ** 2).mean()
    assert denoising.evaluate("training").metrics["mse"] == pytest.approx(expected, rel=0.15)


def test_dropout_may_spoil_the_input_as_well():
    run = take(trainer(autoencoder([{"kind": "dropout", "rate": 0.5}, dense(3)], epochs=2)), 8)
    part = run.dataset.training
    assert np.array_equal(part.inputs, part.targets)
    assert np.isfinite(run.network.parameters).all()


@pytest.mark.parametrize(
    "back",
    [
        [FLATTEN, dense(16, "relu")],
        [{"kind": "up_sample"}, {"kind": "conv2d", "filters": 1}, FLATTEN],
    ],
    ids=["dense", "up-sampled"],
)
def test_a_convolutional_autoencoder_trains(back):
    layers = [{"kind": "conv2d", "filters": 4, "activation": "relu"}, {"kind": "max_pool"}, *back]
    run = trainer(autoencoder(layers, "digits", epochs=2, optimizer={"kind": "adam", "learning_rate": 0.005}))
    assert run.network.output_shape == (64,)
    before = run.evaluate("validation").metrics["mse"]
    finish(run)
    assert run.evaluate("validation").metrics["mse"] < 0.8 * before


# --- errors and scores -------------------------------------------------------------------------------------


def test_errors_and_scores_by_hand(run):
    for name in ("training", "validation", "test"):
        part, scores = run.dataset.part(name), run.evaluate(name)
        x = part.inputs.astype(np.float64)
        back = run.predict(part.inputs).astype(np.float64)
        errors = ((back - x) ** 2).sum(axis=1) / 4
        samples = scores.reconstruction
        assert samples is not None
        np.testing.assert_allclose(samples.errors, errors, rtol=1e-6)
        assert np.array_equal(samples.rows, part.rows)
        assert scores.metrics["mse"] == pytest.approx(errors.mean(), rel=1e-6)
        assert scores.loss == pytest.approx(errors.mean(), rel=1e-5)
        expected = r2_score(x, back, multioutput="variance_weighted")
        assert scores.metrics["variance_explained"] == pytest.approx(expected, rel=1e-6)
        worst = np.argsort(-errors)[: len(samples.worst)]
        assert [each.row for each in samples.worst] == part.rows[worst].tolist()
        for each, place in zip(samples.worst, worst, strict=True):
            assert each.error == pytest.approx(errors[place], rel=1e-5)
            assert each.label == run.dataset.label_texts(part.rows[[place]])[0] != ""
            np.testing.assert_array_equal(each.original, part.inputs[place])
            np.testing.assert_allclose(each.reconstruction, back[place], rtol=1e-4, atol=1e-5)


def test_the_worst_samples_say_what_is_furthest_off_in_its_own_units(run):
    table = run.experiment.data.load()
    samples = run.evaluate("test").reconstruction
    for each in samples.worst:
        change = each.furthest
        column = table.column(change.column)
        assert change.before == pytest.approx(column.values[each.row], rel=1e-5)
        distances = np.abs(each.reconstruction - each.original)
        assert run.dataset.feature_names[int(distances.argmax())] == change.column
        spread = run.dataset.preparation.inputs[int(distances.argmax())].scale
        assert abs(change.after - change.before) == pytest.approx(distances.max() * spread, rel=1e-4)


def test_scores_of_each_epoch_are_in_the_history(run):
    epochs = run.history.epochs
    assert run.history.metrics == ("variance_explained", "mse")
    last = epochs.count - 1
    found = run.evaluate("validation")
    for name in run.history.metrics:
        assert epochs.read(f"validation_{name}", last)[0] == pytest.approx(found.metrics[name], rel=1e-6)
    assert epochs.read("training_variance_explained")[-1] > 0.9


def test_chunks_add_up():
    draws = np.random.default_rng(3)
    x, back = draws.normal(1e4, 2, (2, 1000, 5))
    x[:, 4] = 7.25
    measurement = Measurement(USUAL["reconstruction"], 5)
    for start in range(0, 1000, 300):
        measurement.update(back[start : start + 300], x[start : start + 300])
    found = measurement.result()
    assert found["mse"] == pytest.approx(((x - back) ** 2).mean(), rel=1e-12)
    spread = ((x - x.mean(axis=0)) ** 2).sum()
    assert found["variance_explained"] == pytest.approx(1 - ((x - back) ** 2).sum() / spread, rel=1e-9)
    errors = measurement.statistics[ReconstructionSums].errors
    np.testing.assert_allclose(errors, ((x - back) ** 2).mean(axis=1), rtol=1e-12)


def test_where_nothing_varies_nothing_is_explained():
    same = np.full((4, 3), 0.1, np.float32)
    measurement = Measurement(USUAL["reconstruction"], 3)
    measurement.update(same + 1, same)
    found = measurement.result()
    assert math.isnan(found["variance_explained"])
    assert found["mse"] == pytest.approx(1)
    assert math.isnan(Measurement(USUAL["reconstruction"], 3).result()["mse"])


def test_the_error_of_a_sample_by_hand():
    # (1² + 2² + 3²) / 3 = 14 / 3 and 0
    found = sample_errors(np.array([[0, 0, 0], [1, 1, 1]], np.float32), np.array([[1, -2, 3], [1, 1, 1]]))
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, [14 / 3, 0])
    assert largest_errors(np.array([0.1, np.nan, 3.0, 2.0])).tolist() == [1, 2, 3, 0]


def test_on_some_rows_only(run):
    samples = run.evaluate("training", limit=10).reconstruction
    assert len(samples.errors) == len(samples.rows) == len(samples.worst) == 10
    assert set(samples.rows) <= set(run.dataset.training.rows)


# --- the rest of the house ---------------------------------------------------------------------------------


def test_a_saved_run_goes_on_bit_by_bit(tmp_path):
    settings = autoencoder([{"kind": "gaussian_noise"}, dense(3)], epochs=6)
    straight = finish(trainer(settings))
    broken = take(trainer(settings), 17)
    save(tmp_path / "a.gradwright", saved_run(broken))
    again = load(tmp_path / "a.gradwright")
    assert again.preparation == broken.dataset.preparation
    assert json.loads(again.preparation.to_json())["target"] == {"kind": "reconstruction", "outputs": 4}
    resumed = finish(resume(again, data_of(settings), "a.gradwright"))
    assert np.array_equal(resumed.network.parameters, straight.network.parameters)


def test_a_model_reconstructs_tables(run):
    model = run.model
    table = run.experiment.data.load()
    found = model.reconstruct(table)
    assert model.reconstructs
    assert [column.name for column in found.columns] == [column.name for column in table.columns[:4]]
    for part in (run.dataset.training, run.dataset.test):
        back, inputs = run.predict(part.inputs).astype(float), part.inputs.astype(float)
        np.testing.assert_allclose(found.errors[part.rows], ((back - inputs) ** 2).mean(axis=1), rtol=1e-5)
    back = np.column_stack([column.values for column in found.columns])
    own = np.column_stack([column.values for column in table.columns[:4]])
    scale = np.array([fitted.scale for fitted in run.dataset.preparation.inputs])
    np.testing.assert_allclose((((back - own) / scale) ** 2).mean(axis=1), found.errors, rtol=1e-4)
    # A flower unlike all others stands out.
    strange = table.take(np.arange(5))
    strange.column("petal length (cm)").values[2] = 30.0
    errors = model.reconstruct(strange).errors
    assert errors.argmax() == 2
    assert errors[2] > 10 * np.delete(errors, 2).max()
    with pytest.raises(ValueError, match="reconstructs the inputs"):
        model.predict(table)


def test_a_model_of_classes_reconstructs_nothing():
    classes = take(trainer(experiment(epochs=1)), 1)
    model = classes.model
    assert not model.reconstructs
    with pytest.raises(ValueError, match="trained on its own input"):
        model.reconstruct(classes.experiment.data.load())


def test_there_is_no_map_of_what_is_predicted():
    run = take(trainer(autoencoder([dense(3)], {"kind": "moons", "points": 60}, epochs=1)), 1)
    assert DecisionMapQuery(8).answer(run) is None
    assert NeuronMapsQuery(8).answer(run)[0].shape == (3, 8, 8)
