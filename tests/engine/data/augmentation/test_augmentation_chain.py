"""Geometric augmentations that follow one another, and what surrounds images."""

import numpy as np
import pytest

from engine.data.augmentation import AugmentationWorkspace
from engine.data.augmentation.augmenter import Augmenter
from engine.data.augmentation.geometric import Crop, Flip, Rotate, Shift, Zoom
from engine.data.augmentation.intensity import Brightness
from engine.data.augmentation.warp import Warp
from tests.engine.data.augmentation.batches import ROWS, generator, samples, targets, through_scipy


def chosen(augmentations, facts, seed=1):
    augmenter = Augmenter(facts, None, generator(seed))
    augmenter.choose(augmentations)
    return augmenter


@pytest.fixture
def resamplings(monkeypatch):
    """The maps and borders with which images were resampled."""
    seen = []
    original = Warp.apply

    def noted(self, images, maps, outside):
        seen.append((maps, outside))
        original(self, images, maps, outside)

    monkeypatch.setattr(Warp, "apply", noted)
    return seen


def test_neighbours_are_joined_into_one_map_in_their_order(resamplings):
    facts = samples((6, 8, 1), np.float64)
    chain = [Shift(height=0.5, width=0.5), Rotate(degrees=90), Zoom(smallest=0.5), Flip(), Crop()]
    found, _ = chosen(chain, facts).augment(facts.inputs[:ROWS], targets())
    ((maps, outside),) = resamplings
    draws = generator()
    for number in range(ROWS):
        expected = np.eye(3)
        if number == 0:
            each = [one.maps(draws, ROWS, (6, 8, 1)) for one in chain]
        for one in each:
            expected = expected @ one[number]
        np.testing.assert_allclose(maps[number], expected, atol=1e-12)
    assert outside == "background"
    np.testing.assert_allclose(
        found, through_scipy(facts.inputs[:ROWS], maps, outside, facts.background), atol=1e-12
    )


def test_the_order_counts():
    """Moved and then mirrored is another place than mirrored and then moved."""
    facts = samples((1, 8, 1))
    shift, flip = Shift(height=0, width=0.4), Flip(horizontal=1)
    one, _ = chosen([shift, flip], facts).augment(facts.inputs[:ROWS], targets())
    x = facts.inputs[:ROWS].copy()
    shift.apply(x, targets(), generator(), AugmentationWorkspace(facts))
    assert np.array_equal(one, x[:, :, ::-1])
    assert not np.array_equal(one, facts.inputs[:ROWS, :, ::-1])


def test_different_borders_and_others_in_between_part_the_chain(resamplings):
    facts = samples((6, 8, 1))
    edge = Rotate(outside="edge")
    for chain, borders in [
        ([Shift(), Crop(), edge, Flip()], ["background", "edge"]),
        ([Flip(), edge, Crop()], ["edge"]),
        ([Flip(), Crop()], ["edge"]),
        ([Shift(), Brightness(), Rotate()], ["background", "background"]),
    ]:
        resamplings.clear()
        chosen(chain, facts).augment(facts.inputs[:ROWS], targets())
        assert [outside for _, outside in resamplings] == borders


def test_what_one_moves_out_the_next_may_bring_back():
    """Two moves are one, by their sum."""
    facts = samples((1, 8, 1))
    shift, draws = Shift(height=0, width=0.8), generator()
    found, _ = chosen([shift, shift], facts).augment(facts.inputs[:ROWS], targets())
    first, second = (-shift.maps(draws, ROWS, (1, 8, 1))[:, 1, 2].astype(int) for _ in range(2))
    assert (first * second < 0).any()
    for image, out, across in zip(facts.inputs, found, first + second, strict=False):
        for x in range(8):
            inside = 0 <= x - across < 8
            assert out[0, x, 0] == (image[0, x - across, 0] if inside else facts.background[0])


@pytest.mark.parametrize("paper", [0.0, 255.0])
def test_the_background_is_the_paper_black_or_white(paper):
    """Strokes touch the border of some images; the least value would be ink where paper is white."""
    images = np.full((20, 8, 8, 1), paper, np.float32)
    images[:, 2:6, 2:6] = 255 - paper
    images[::3, 0, 3:5] = 255 - paper
    facts = samples((8, 8, 1))
    assert type(facts)(images, facts.numbers, False).background.tolist() == [paper]


def test_the_background_has_a_value_for_each_channel_and_its_precision():
    images = np.zeros((5, 3, 3, 2), np.float32)
    images[..., 1] = 0.25
    images[:, 1, 1] = 9
    facts = samples((3, 3, 2))
    found = type(facts)(images, facts.numbers, False).background
    assert found.dtype == np.float32
    assert found.tolist() == [0, 0.25]


def test_images_to_be_reconstructed_move_with_their_targets():
    facts = samples((6, 8, 1), reconstructed=True)
    inputs = facts.inputs[:ROWS]
    augmenter = chosen([Shift(height=0.4), Rotate(), Flip()], facts)
    x, t = augmenter.augment(inputs, inputs.reshape(ROWS, -1))
    assert t.shape == (ROWS, 48)
    assert np.array_equal(x.reshape(ROWS, -1), t)
    assert not np.array_equal(x, inputs)
