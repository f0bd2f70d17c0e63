# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from chipcast import InputError, load_model
from chipcast.quantization.inputs import load_inputs, natural_image, random_inputs

GRAPH = load_model("mlperf_tiny_ic").graph  # one input, 1 x 3 x 32 x 32


def test_images_are_smooth_and_standard() -> None:
    image = natural_image((1, 3, 64, 64), np.random.default_rng(1))
    assert image.dtype == np.float32
    np.testing.assert_allclose(image.mean(axis=(2, 3)), 0.0, atol=1e-5)
    np.testing.assert_allclose(image.std(axis=(2, 3)), 1.0, rtol=1e-4)
    assert np.corrcoef(image[0, 0, :, 1:].ravel(), image[0, 0, :, :-1].ravel())[0, 1] > 0.7


def test_power_falls_with_frequency() -> None:
    generator = np.random.default_rng(2)
    power = sum(np.abs(np.fft.fft2(natural_image((1, 1, 128, 128), generator)[0, 0])) ** 2 for _ in range(20))
    # Amplitude 1/f: power at twice the frequency is a quarter.
    assert power[0, 8] / power[0, 16] == pytest.approx(4.0, rel=0.8)
    assert power[0, 4:9].mean() > 5.0 * power[0, 24:40].mean()


def test_seeds_tell_images_apart() -> None:
    name = GRAPH["inputs"][0]
    assert (random_inputs(GRAPH, 1)[name] == random_inputs(GRAPH, 1)[name]).all()
    assert (random_inputs(GRAPH, 1)[name] != random_inputs(GRAPH, 2)[name]).any()


def test_files(tmp_path: Path) -> None:
    name = GRAPH["inputs"][0]
    sets = np.zeros((2, 1, 3, 32, 32), np.float32)
    np.save(tmp_path / "two.npy", sets)
    assert len(load_inputs(tmp_path / "two.npy", GRAPH)) == 2
    np.savez(tmp_path / "one.npz", **{name: sets[0]})
    assert load_inputs(tmp_path / "one.npz", GRAPH)[0][name].shape == (1, 3, 32, 32)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((1, 3, 31, 32), np.float32), "expected"),
        (np.full((1, 3, 32, 32), np.nan, np.float32), "not finite"),
        (np.zeros((0, 1, 3, 32, 32), np.float32), "expected"),
    ],
)
def test_wrong_arrays(tmp_path: Path, array: np.ndarray, message: str) -> None:
    np.save(tmp_path / "wrong.npy", array)
    with pytest.raises(InputError, match=message):
        load_inputs(tmp_path / "wrong.npy", GRAPH)


def test_missing_inputs_are_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", other=np.zeros(3))
    with pytest.raises(InputError, match="has no data"):
        load_inputs(tmp_path / "other.npz", GRAPH)
    with pytest.raises(InputError, match="cannot read"):
        load_inputs(tmp_path / "absent.npz", GRAPH)
