"""Augmentations that change values: light, erased parts, noise, mixed examples; and the preview of all."""

import numpy as np
import pytest

from engine.arrays import IntegerEncodedColumn
from engine.data import DataSettings, prepare
from engine.data.augmentation import AUGMENTATIONS, AugmentationWorkspace, Samples
from engine.data.augmentation.augmenter import Augmenter, preview
from engine.data.augmentation.geometric import Rotate, Shift
from engine.data.augmentation.intensity import Brightness, Erase, Noise
from engine.data.augmentation.mixup import Mixup
from engine.errors import UserError
from engine.layers.embedding import Embedding
from engine.settings import kind_of, read
from engine.training.trainer import Trainer
from tests.engine.data.augmentation.batches import NUMBERS, ROWS, SHAPES, applied, generator, samples, targets
from tests.engine.data.tables import flags, numbers, table, texts
from tests.engine.training.runs import experiment

IMAGES = [SHAPES["grey"], SHAPES["colour"]]


@pytest.mark.parametrize("shape", IMAGES)
def test_brightness_and_contrast_by_a_slow_loop(shape):
    facts = samples(shape, np.float64)
    found, _ = applied(Brightness(brightness=0.4, contrast=0.7), facts)
    lighter, contrast = generator().uniform(-1, 1, (2, ROWS))
    low, high = facts.inputs.min(), facts.inputs.max()
    for number in range(ROWS):
        image = facts.inputs[number]
        mean = sum(image.ravel()) / image.size
        for before, after in zip(image.ravel(), found[number].ravel(), strict=True):
            expected = mean + (1 + 0.7 * contrast[number]) * (before - mean)
            expected += 0.4 * lighter[number] * (high - low)
            assert after == pytest.approx(min(max(expected, low), high), abs=1e-12)
    assert (found == low).any()
    assert (found == high).any()


def erased(augmentation, facts, seed=1):
    """For each image, which pixels changed: (rows, height, width)."""
    rows = len(facts.inputs)
    x = facts.inputs.copy()
    augmentation.apply(x, np.zeros((rows, 1), x.dtype), generator(seed), AugmentationWorkspace(facts))
    return x, (x != facts.inputs).any(axis=-1)


def many(shape, rows=3000):
    facts = samples(shape)
    inputs = np.random.default_rng(3).uniform(size=(rows, *shape)).astype(np.float32)
    return Samples(inputs, facts.numbers, False)


@pytest.mark.parametrize("fill", ["noise", "background"])
@pytest.mark.parametrize("shape", [(12, 10, 1), (10, 14, 3)])
def test_a_rectangle_is_erased(shape, fill):
    facts = many(shape)
    x, changed = erased(Erase(probability=0.6, smallest=0.1, largest=0.4, fill=fill), facts)
    hit = changed.any(axis=(1, 2))
    assert hit.mean() == pytest.approx(0.6, abs=0.03)
    areas, ratios = [], []
    for image in changed[hit]:
        down, across = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
        assert image[down[0] : down[-1] + 1, across[0] : across[-1] + 1].all()
        areas.append(image.mean())
        ratios.append(len(down) / shape[0] / (len(across) / shape[1]))
    assert np.mean(areas) == pytest.approx(0.25, abs=0.02)
    # Rounded to whole pixels.
    assert min(areas) > 0.03
    assert max(areas) < 0.5
    assert np.median(ratios) == pytest.approx(1, abs=0.1)
    assert max(ratios) > 2
    assert min(ratios) < 0.5
    # Every place is reached, the corners too.
    assert changed.any(axis=0).all()
    if fill == "background":
        assert (x[changed] == facts.background).all()
    else:
        filling = x[changed]
        assert filling.min() >= facts.lowest
        assert filling.max() <= facts.highest
        assert filling.mean() == pytest.approx((facts.lowest + facts.highest) / 2, abs=0.02)
        assert filling.std() == pytest.approx((facts.highest - facts.lowest) / 12**0.5, rel=0.05)


def test_at_least_a_pixel_and_at_most_the_image_is_erased():
    facts = many((6, 6, 1), 200)
    _, least = erased(Erase(probability=1, smallest=0, largest=0, fill="background"), facts)
    assert (least.sum(axis=(1, 2)) == 1).all()
    _, most = erased(Erase(probability=1, smallest=1, largest=1, fill="background"), facts)
    # One side is the image's; the other is shorter by up to √3.3.
    assert (most.all(axis=1).any(axis=1) | most.all(axis=2).any(axis=1)).all()


def test_parts_in_the_wrong_order_are_refused():
    with pytest.raises(UserError, match="expected a smallest part that is not above the largest"):
        read(Erase, {"smallest": 0.3, "largest": 0.1}, "Erase")


def test_noise_is_normal_and_only_on_numbers():
    facts = many((4,), 20_000)
    facts = Samples(facts.inputs, np.array(NUMBERS), False)
    x = facts.inputs.copy()
    Noise(std=0.3).apply(x, np.zeros((len(x), 1)), generator(), AugmentationWorkspace(facts))
    change = x - facts.inputs
    others = [place for place in range(4) if place not in NUMBERS]
    assert not change[:, others].any()
    assert np.abs(change[:, NUMBERS].mean(axis=0)).max() < 0.01
    np.testing.assert_allclose(change[:, NUMBERS].std(axis=0), 0.3, rtol=0.03)
    assert np.corrcoef(change[:, NUMBERS].T)[0, 1] == pytest.approx(0, abs=0.03)


def test_noise_on_every_pixel():
    facts = samples((6, 5, 1))
    found, _ = applied(Noise(std=0.3), facts)
    assert (found != facts.inputs[:ROWS]).all()


@pytest.mark.parametrize("name", SHAPES)
def test_mixup_by_a_slow_loop(name):
    facts = samples(SHAPES[name], np.float64)
    x, t = applied(Mixup(alpha=1), facts)
    draws = generator()
    order = draws.permutation(ROWS)
    shares = draws.beta(1, 1, ROWS // 2)
    for pair, share in enumerate(shares):
        one, other = order[pair], order[ROWS // 2 + pair]
        own = max(share, 1 - share)
        for mine, yours in ((one, other), (other, one)):
            expected = own * facts.inputs[mine] + (1 - own) * facts.inputs[yours]
            np.testing.assert_allclose(x[mine], expected, atol=1e-12)
            expected = own * targets()[mine] + (1 - own) * targets()[yours]
            np.testing.assert_allclose(t[mine], expected, atol=1e-12)
    left = order[-1]
    assert np.array_equal(x[left], facts.inputs[left])
    assert np.array_equal(t[left], targets()[left])
    np.testing.assert_allclose(x.sum(axis=0), facts.inputs[:ROWS].sum(axis=0), atol=1e-12)


def test_mixup_mixes_as_much_as_it_says():
    """The mean of 1 − max(λ, 1 − λ): 1/4 for α = 1; next to nothing, and nearly a half, at the ends."""
    facts = Samples(np.eye(2000, dtype=np.float64), np.arange(2000), False)
    for alpha, expected in ((1, 0.25), (0.01, 0.01), (10, 0.41)):
        t = np.zeros((2000, 1))
        x = facts.inputs.copy()
        Mixup(alpha=alpha).apply(x, t, generator(), AugmentationWorkspace(facts))
        others = 1 - np.diag(x)
        assert np.isfinite(x).all()
        assert others.mean() == pytest.approx(expected, abs=0.02)


def test_what_spoils_a_sample_leaves_its_reconstruction_clean():
    """A denoising autoencoder: from the spoilt image to the image."""
    facts = samples((6, 8, 1), reconstructed=True)
    inputs = facts.inputs[:ROWS]
    for chain in ([Noise()], [Erase(probability=1)], [Brightness()]):
        augmenter = Augmenter(facts, None, generator())
        augmenter.choose(chain)
        x, t = augmenter.augment(inputs, inputs.reshape(ROWS, -1))
        assert np.array_equal(t, inputs.reshape(ROWS, -1))
        assert not np.array_equal(x, inputs)
    moved = Augmenter(facts, None, generator())
    moved.choose([Shift(height=0.4)])
    _, clean = moved.augment(inputs, inputs.reshape(ROWS, -1))
    noisy = Augmenter(facts, None, generator())
    noisy.choose([Shift(height=0.4), Noise()])
    assert np.array_equal(noisy.augment(inputs, inputs.reshape(ROWS, -1))[1], clean)


def dataset(source, **more):
    settings = read(DataSettings, {"source": source, **more}, "test")
    return prepare(settings, settings.source.load())


MIXED = table(
    numbers("weight", [3000, 4000, 3500, 3700, 2900, 3300] * 5),
    texts("island", ["Biscoe", "Dream", "Dream", "Biscoe", None, "Dream"] * 5),
    numbers("length", [181, 210, 195, 200, 187, 190] * 5),
    flags("ringed", [0, 1, 1, 0, 1, 0] * 5),
    texts("sex", ["a", "b", "a", "b", "a", "b"] * 5),
)


def mixed():
    return prepare(DataSettings(target="sex"), MIXED)


def test_facts_of_a_table_name_its_numbers():
    data = mixed()
    facts = Samples.of(data)
    names = [data.feature_names[place] for place in facts.numbers]
    assert names == ["weight", "length"]
    assert facts.kind == "table"
    assert facts.shape == data.input_shape


def test_codes_are_neither_mixed_nor_spoilt():
    data = prepare(DataSettings(target="sex", categories="integer"), MIXED)
    facts = Samples.of(data)
    with pytest.raises(UserError) as caught:
        Mixup().check(facts, None, "Here")
    assert str(caught.value) == (
        "Here: expected categories with one input each, whose shares can be mixed, found codes in “island”. "
        "Set Categories to one input per category in the data panel and remove the Embedding layer, or "
        "remove mixup."
    )
    Noise().check(facts, None, "Here")
    changed = preview([Noise()], data, count=10)
    kept = [place for place, name in enumerate(changed.names) if name not in ("weight", "length")]
    assert len(kept) == 2
    assert np.array_equal(changed.augmented[:, 0, kept], changed.original[:, kept])


READ_AS_CODES = {
    "all": (Embedding(vocabulary=40), ["weight", "length"]),
    "some": (Embedding(columns=(IntegerEncodedColumn(0, 5),)), ["weight"]),
}
"""What the network looks up vectors of, though the data has numbers there."""


@pytest.mark.parametrize(("layer", "coded"), READ_AS_CODES.values(), ids=READ_AS_CODES)
def test_numbers_that_the_network_reads_as_codes_are_codes(layer, coded):
    measured = table(*(MIXED.column(name) for name in ("weight", "length", "sex")))
    data = prepare(DataSettings(target="sex", scaling="none"), measured)
    facts = Samples.of(data, [layer])
    assert list(facts.coded) == coded
    with pytest.raises(UserError, match="found codes in “weight”"):
        Mixup().check(facts, None, "Here")
    if len(coded) == 2:
        with pytest.raises(UserError, match="found only categories, codes and yes or no"):
            Noise().check(facts, None, "Here")
        return
    changed = preview([Noise()], data, count=10, layers=[layer])
    assert np.array_equal(changed.augmented[:, 0, 0], changed.original[:, 0])
    assert (changed.augmented[:, 0, 1] != changed.original[:, 1]).all()
    layers = [layer.model_dump(mode="json")]
    settings = experiment(layers, augmentation=[{"kind": "mixup"}])
    with pytest.raises(UserError, match="found codes in"):
        Trainer(settings, data)
    noisy = Trainer(experiment(layers, augmentation=[{"kind": "noise"}]), data)
    inputs, _ = noisy.augmenter.augment(data.training.inputs, data.training.targets)
    assert np.array_equal(inputs[:, 0], data.training.inputs[:, 0])
    assert not np.array_equal(inputs[:, 1], data.training.inputs[:, 1])


@pytest.mark.parametrize("cls", AUGMENTATIONS, ids=kind_of)
def test_preview_of_images(cls):
    data = dataset("digits")
    before = data.training.inputs.copy()
    found = preview([cls()], data, count=3, versions=4, seed=2)
    assert found.original.shape == (3, 8, 8, 1)
    assert found.augmented.shape == (3, 4, 8, 8, 1)
    assert found.augmented_targets.shape == (3, 4, 10)
    assert found.names == ()
    for images in (found.original, found.augmented):
        assert images.min() >= 0
        assert images.max() <= 1
    inputs = data.training.inputs
    expected = (inputs[found.places] - inputs.min()) / (inputs.max() - inputs.min())
    np.testing.assert_allclose(found.original, expected, atol=1e-6)
    assert np.array_equal(found.targets, np.eye(10)[data.training.targets[found.places]])
    assert np.array_equal(data.training.inputs, before)
    again = preview([cls()], data, count=3, versions=4, seed=2)
    assert again.augmented.tobytes() == found.augmented.tobytes()
    assert not np.array_equal(preview([cls()], data, 3, 4, seed=3).augmented, found.augmented)


def test_preview_of_a_table_is_in_its_own_units():
    data = mixed()
    found = preview([Noise(std=0.5), Mixup()], data, count=4, versions=200)
    assert found.names == data.feature_names
    own = MIXED.take(data.training.rows[found.places])
    np.testing.assert_allclose(found.original[:, 0], own.column("weight").values, rtol=1e-5)
    categories = [place for place, name in enumerate(found.names) if name.startswith("island")]
    assert set(np.unique(found.original[:, categories])) == {0.0, 1.0}
    spread = (found.augmented[..., 0] - found.original[:, None, 0]).std()
    assert 0.4 < spread / MIXED.column("weight").values.std() < 1.2


def test_a_single_example_finds_partners_too():
    found = preview([Mixup(alpha=5)], dataset("digits"), count=1, versions=3)
    assert (found.augmented_targets.max(axis=-1) < 1).any()


def test_a_preview_of_more_than_there_is_shows_what_there_is():
    data = mixed()
    assert len(preview([Noise()], data, count=1000).original) == data.training.rows_count


def test_a_preview_refuses_what_does_not_fit():
    with pytest.raises(UserError, match="Training, augmentation, entry 2: expected images"):
        preview([Noise(), Rotate()], mixed())
    assert preview([], mixed()).augmented.shape[:2] == (5, 4)
