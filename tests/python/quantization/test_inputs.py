# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from chipcast import InputError, load_model
from chipcast.formats import FLOATS, RANGES, numpy_format
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


def _bytes_of(array: np.ndarray, path: Path) -> bytes:
    np.savez_compressed(path, data=array)
    return path.read_bytes()


def _damaged(kind: str, path: Path) -> None:
    whole = _bytes_of(np.arange(3072, dtype=np.float32).reshape(1, 3, 32, 32), path)
    middle = len(whole) // 2
    path.write_bytes(
        {
            "empty": b"",
            "text": b"no array at all",
            "truncated": whole[:middle],
            "checksum": whole[:middle]
            + bytes(255 - byte for byte in whole[middle : middle + 4])
            + whole[middle + 4 :],
        }[kind]
    )


@pytest.mark.parametrize("suffix", ["npy", "npz"])
@pytest.mark.parametrize("kind", ["empty", "text", "truncated", "checksum"])
def test_damaged_files_are_one_line(tmp_path: Path, kind: str, suffix: str) -> None:
    _damaged(kind, tmp_path / "x.npz")
    path = (tmp_path / "x.npz").rename(tmp_path / f"file.{suffix}")
    with pytest.raises(InputError, match=r"inputs: cannot read .*file") as caught:
        load_inputs(path, GRAPH)
    assert "\n" not in str(caught.value)


def test_members_that_are_no_arrays(tmp_path: Path) -> None:
    name = GRAPH["inputs"][0]
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as file:
        file.writestr(name, b"bytes")
    with pytest.raises(InputError, match="is no array"):
        load_inputs(tmp_path / "x.npz", GRAPH)
    np.savez(tmp_path / "x.npz", **{name: np.array([{}], object)})
    with pytest.raises(InputError, match="cannot read"):
        load_inputs(tmp_path / "x.npz", GRAPH)


@pytest.mark.parametrize("kind", [np.complex64, "U3", [("a", np.float32)], np.int32, np.bool_])
def test_floats_are_given_as_floats(tmp_path: Path, kind: Any) -> None:
    np.save(tmp_path / "x.npy", np.zeros((1, 3, 32, 32), kind))
    with pytest.raises(InputError, match="the network takes fp32"):
        load_inputs(tmp_path / "x.npy", GRAPH)


def _whole(dtype: str, **more: Any) -> dict[str, Any]:
    return {"inputs": ["x"], "tensors": {"x": {"shape": [1, 4], "dtype": dtype, **more}}, "ops": []}


@pytest.mark.parametrize(
    ("dtype", "values", "kind"),
    [
        ("int8", [-128, 127], np.int64),
        ("uint4", [0, 15], np.uint8),
        ("binary", [-1, 1], np.int8),
        ("bool", [0, 1], bool),
    ],
)
def test_whole_numbers_take_the_networks_format(
    tmp_path: Path, dtype: str, values: list[int], kind: Any
) -> None:
    np.save(tmp_path / "x.npy", np.array([values * 2], kind))
    assert load_inputs(tmp_path / "x.npy", _whole(dtype))[0]["x"].dtype == numpy_format(dtype)
    if dtype != "bool":
        np.save(tmp_path / "x.npy", np.array([[0, 0, 0, values[1] + 1]], np.int64))
        with pytest.raises(InputError, match=f"{dtype} holds {values[0]} to {values[1]}"):
            load_inputs(tmp_path / "x.npy", _whole(dtype))


@pytest.mark.parametrize("dtype", [*FLOATS, *RANGES, "int32", "int64", "bool", "binary"])
def test_every_format_has_random_inputs(dtype: str) -> None:
    value = random_inputs(_whole(dtype), 1)["x"]
    assert value.dtype == numpy_format(dtype)
    low, high = RANGES.get(dtype, (-10, 10))
    assert (low <= value.astype(np.float64)).all() and (value.astype(np.float64) <= high).all()


def test_images_fill_the_range_that_a_quantised_network_has() -> None:
    graph = _whole("fp32")
    graph["tensors"]["q"] = {
        "shape": [1, 4],
        "dtype": "int8",
        "quantization": {"scales": [0.1], "zero_points": [28]},
    }
    graph["ops"] = [
        {"name": "q", "kind": "cast", "inputs": ["x"], "outputs": ["q"], "attributes": {"to": "int8"}}
    ]
    value = random_inputs(graph, 1)["x"]
    assert value.min() >= -15.6 - 1e-5 and value.max() <= 9.9 + 1e-5
    assert np.abs(value + 2.85).max() == pytest.approx(12.75, rel=1e-5)
