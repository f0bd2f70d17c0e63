# SPDX-License-Identifier: Apache-2.0
"""Pictures of tables: that they show their data, say so, and come out alike."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import chipcast
import matplotlib
import pandas as pd
import pytest
from chipcast import views
from pictures import check_view
from views_tables import grid, points

VIEWS: dict[str, Callable[[], views.View]] = {
    "pareto": lambda: views.pareto(grid(), ["latency_s", "energy_j"]),
    "pareto_of_networks": lambda: views.pareto(grid(models=("small", "large")), ["latency_s", "area_mm2"]),
    "pareto_of_three": lambda: views.pareto(grid()),
    "pareto_of_one_design": lambda: views.pareto(points((1.0, 2.0)), ["a", "b"]),
    "parallel": lambda: views.parallel(grid()),
    "parallel_of_networks": lambda: views.parallel(grid(models=("small", "large")), colour="area_mm2"),
    "hypervolume": lambda: views.hypervolume(grid()),
    "curve": lambda: views.curve(grid(), "npu.clock", "latency_s", by="npu.buffer"),
    "curve_of_names": lambda: views.curve(grid(), "mapper", "energy_j"),
}


@pytest.fixture(params=sorted(VIEWS))
def view(request: pytest.FixtureRequest) -> views.View:
    return VIEWS[request.param]()


def test_it_shows_something(view: views.View) -> None:
    check_view(view)


def test_files_are_the_same_each_time(
    request: pytest.FixtureRequest, view: views.View, tmp_path: Path
) -> None:
    again = VIEWS[request.node.callspec.params["view"]]()
    for suffix in (".svg", ".png", ".pdf"):
        first = view.save(tmp_path / f"first{suffix}").read_bytes()
        assert first == again.save(tmp_path / "folder" / f"again{suffix}").read_bytes()
        assert first == view.save(tmp_path / f"first{suffix}").read_bytes()


def test_texts_of_svg_are_texts(tmp_path: Path) -> None:
    view = views.pareto(grid(), ["latency_s", "energy_j"], title="Clocks")
    text = view.save(tmp_path / "pareto.svg").read_text()
    assert "latency (ms), less is better" in text
    assert "energy (mJ), less is better" in text
    assert "<dc:title>Clocks</dc:title>" in text
    assert "In front: " in text
    assert repr(view) == f"<View: {view.caption}>"


def test_captions_count_what_is_missing() -> None:
    view = views.pareto(grid(), ["latency_s", "energy_j"])
    assert view.caption.startswith("33 designs. In front: ")
    assert view.caption.endswith("3 of 36 points are not shown: 1 failed, 1 invalid, 1 without all figures.")
    assert len(view.data) == 33
    whole = views.parallel(points((1.0, 2.0), (2.0, 1.0)), ["a", "b"])
    assert "not shown" not in whole.caption


def test_data_say_who_is_in_front() -> None:
    for view in (
        views.pareto(grid(), ["latency_s", "energy_j"]),
        views.parallel(grid(), ["latency_s", "energy_j"]),
    ):
        ahead = view.data[view.data["front"]]
        assert set(ahead["point"]) == set(views.front(grid(), ["latency_s", "energy_j"])["point"])


def test_numbers_in_the_picture_are_listed_beside_it(tmp_path: Path) -> None:
    text = views.pareto(grid(), ["latency_s", "energy_j"], labels=3).save(tmp_path / "p.svg").read_text()
    assert text.count("clock 900 MHz") == 1
    assert "Numbered: 3." in text
    none = views.pareto(grid(), ["latency_s", "energy_j"], labels=0).save(tmp_path / "q.svg").read_text()
    assert "clock 900 MHz" not in none


def test_parallel_axes_can_be_chosen() -> None:
    view = views.parallel(grid(), ["latency_s"], axes=["npu.clock", "npu_utilisation"])
    assert [text.get_text() for text in view.figure.axes[0].get_xticklabels()] == [
        "clock\n(MHz)",
        "npu utilisation",
        "latency\n(ms) ↓",
    ]
    with pytest.raises(
        chipcast.InputError, match=r'axes: no column "npu.clok" \(did you mean "npu.clock"\?\)'
    ):
        views.parallel(grid(), axes=["npu.clok"])
    with pytest.raises(chipcast.InputError, match="one column makes no picture"):
        views.parallel(grid(), ["latency_s"], axes=[])


def test_curves_want_numbers() -> None:
    with pytest.raises(chipcast.InputError, match='y: "limited_by" holds no numbers'):
        views.curve(grid(), "npu.clock", "limited_by")
    with pytest.raises(chipcast.InputError, match=r'x: no column "clock"'):
        views.curve(grid(), "clock", "latency_s")


def test_more_groups_than_colours_are_refused() -> None:
    frame = pd.DataFrame({"model": [f"m{k}" for k in range(9)], "a": range(9), "b": range(9)})
    with pytest.raises(chipcast.InputError, match='by: "model" has 9 values; 8 at most'):
        views.pareto(frame, ["a", "b"])


def test_names_from_files_are_no_markup(tmp_path: Path) -> None:
    frame = pd.DataFrame({"net": ["$x^2$", "<b>\x1b[1m"], "latency_s": [1.0, 2.0], "energy_j": [2.0, 1.0]})
    text = views.pareto(frame).save(tmp_path / "p.svg").read_text()
    assert "$x^2$" in text
    assert "<b>" not in text
    assert "\x1b" not in text


def test_a_large_table_is_a_small_file(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": range(10_000), "a": [k * 37 % 10_007 for k in range(10_000)]})
    frame["b"] = frame["a"] * 53 % 10_007
    for name, view in (("p", views.pareto(frame, ["a", "b"])), ("q", views.parallel(frame, ["a", "b"]))):
        assert view.save(tmp_path / f"{name}.svg").stat().st_size < 600_000


def test_settings_of_the_user_stay() -> None:
    with matplotlib.rc_context({"font.size": 17}):
        before = dict(matplotlib.rcParams)
        views.pareto(grid(), ["latency_s", "energy_j"])._repr_png_()
        assert dict(matplotlib.rcParams) == before


def test_pictures_are_svg_png_or_pdf(tmp_path: Path) -> None:
    view = views.pareto(points((1.0, 2.0)), ["a", "b"])
    with pytest.raises(chipcast.InputError, match=r'plot: "p.gif" is no picture \(known: .svg, .png, .pdf\)'):
        view.save("p.gif")
    (tmp_path / "file").touch()
    with pytest.raises(chipcast.InputError, match="plot: cannot write"):
        view.save(tmp_path / "file" / "p.svg")


def test_the_pictures_that_fit(tmp_path: Path) -> None:
    names = [path.name for path in views.write_views(grid(), tmp_path)]
    assert names == ["pareto.svg", "pareto.csv", "parallel.svg", "parallel.csv"]
    drawn = [path.name for path in views.write_views(grid(), tmp_path, ["latency_s", "energy_j"], drawn=True)]
    assert drawn[-2:] == ["hypervolume.svg", "hypervolume.csv"]
    frame = pd.DataFrame({"npu.clock": ["1 GHz", "2 GHz"], "latency_s": [2.0, 1.0]})
    assert [path.name for path in views.write_views(frame, tmp_path)] == ["latency_s.svg", "latency_s.csv"]
    assert (tmp_path / "latency_s.csv").read_text() == "npu.clock,latency_s\n1 GHz,2.0\n2 GHz,1.0\n"
    with pytest.raises(chipcast.InputError, match="plots: nothing to show"):
        views.write_views(frame[:1], tmp_path)


def test_without_matplotlib_there_is_a_line_that_says_so() -> None:
    code = "import sys; sys.modules['matplotlib'] = None; from chipcast import views; "
    code += "views.pareto([{'a': 1, 'b': 2}], ['a', 'b'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.splitlines()[-1].endswith("views: needs matplotlib; pip install 'chipcast[search]'")


def test_importing_views_loads_no_matplotlib() -> None:
    code = "import sys; from chipcast import views; sys.exit('matplotlib' in sys.modules or 'SALib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
