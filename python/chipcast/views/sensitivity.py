# SPDX-License-Identifier: Apache-2.0
"""Which axes of a sweep matter: its space is sampled, forecast and taken apart."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chipcast._core import InputError
from chipcast.sweep import Progress, Sweep, SweepResult, read_sweep, run_sweep
from chipcast.views.designs import Designs, designs_of
from chipcast.views.figures import View
from chipcast.views.indices import indices
from chipcast.views.objectives import check_names, choose_objectives, usual
from chipcast.views.sampling import Method, Plan, axes_of, chosen_points

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

SAMPLES = {"sobol": 128, "morris": 16}


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Indices of each output by axis, the most telling axis first."""

    plan: Plan
    outputs: tuple[str, ...]
    frame: pd.DataFrame
    """output, axis, and for sobol first_order, first_order_conf, total_order, total_order_conf; for morris mu_star,
    mu_star_conf, mu, sigma. Intervals are of 95 %."""
    pairs: pd.DataFrame
    """output, axis, with, second_order, second_order_conf; empty unless they were asked for."""
    result: SweepResult
    """The points that were forecast, each once."""
    remarks: tuple[str, ...]

    def to_pandas(self) -> pd.DataFrame:
        return self.frame

    def of(self, output: str) -> pd.DataFrame:
        """Rows of one output."""
        return self.frame[self.frame["output"] == output]

    def plot(self, *, title: str = "") -> View:
        """A panel of bars for each output."""
        from chipcast.views.bars import bars

        return bars(self, title)


def sensitivity(
    sweep: Sweep | str | os.PathLike[str] | Mapping[str, Any],
    *,
    method: Method = "sobol",
    samples: int | None = None,
    outputs: Sequence[str] | None = None,
    second_order: bool = False,
    seed: int = 0,
    store: str | os.PathLike[str] | None = None,
    jobs: int | None = None,
    progress: Callable[[Progress], object] | None = None,
) -> Sensitivity:
    """Forecasts a sample of the sweep's space and says how much each axis accounts for.

    Args:
        sweep: a Sweep, a file or a dict of the same form, with axes; ranges need no steps in the latter two. Networks
            and platforms are axes where there are several. Conditions (`where`) are put aside: the axes have to vary
            independently.
        method: "sobol" (shares of the variance) or "morris" (effects; fewer points, for many axes).
        samples: base points of sobol, a power of two (128): each takes as many points as there are axes, and two.
            Trajectories of morris (16): each takes one point more than there are axes.
        outputs: columns of the table; None: latency, energy and area, as far as they vary.
        second_order: sobol, of pairs of axes as well; doubles the points.
        seed: of the sample and of the intervals; the same seed gives the same numbers.
        store, jobs, progress: as for `run_sweep`; a store that the sweep has filled is used.

    Raises InputError (see also chipcast.views.indices), KeyboardInterrupt after Ctrl-C.
    """
    wanted = sweep if isinstance(sweep, Sweep) else read_space(sweep)
    check_outputs(wanted, outputs or ())
    plan = plan_of(wanted, method, samples, second_order, seed)
    chosen, rows = chosen_points(wanted, plan.points())
    result = run_sweep(chosen, store=store, jobs=jobs, progress=progress)
    if result.interrupted:
        raise KeyboardInterrupt
    designs = designs_of(result)
    names = _outputs(designs, outputs)
    found = [indices(plan, _values(designs, name, rows), name) for name in names]
    return _sorted(wanted, plan, names, found, result)


def read_space(spec: str | os.PathLike[str] | Mapping[str, Any]) -> Sweep:
    """A sweep of which only the space counts: ranges need no steps."""
    try:
        return read_sweep(spec)
    except InputError:
        with contextlib.suppress(InputError):
            return read_sweep(spec, chosen=())
        raise


def plan_of(
    sweep: Sweep,
    method: Method = "sobol",
    samples: int | None = None,
    second_order: bool = False,
    seed: int = 0,
) -> Plan:
    """The points that `sensitivity` would ask for. Raises InputError."""
    return Plan(
        axes_of(sweep), method, SAMPLES.get(method, 2) if samples is None else samples, seed, second_order
    )


def check_outputs(sweep: Sweep, outputs: Sequence[str]) -> None:
    """Raises InputError for an output that the table will not have."""
    check_names(outputs, sweep, "outputs")


def _outputs(designs: Designs, given: Sequence[str] | None) -> list[str]:
    if given:
        return [each.column for each in choose_objectives(designs, given)]
    found = [each.column for each in usual(designs)]
    if not found:
        raise InputError(
            "sensitivity: neither latency nor energy nor area differs between points; name an output"
        )
    return found


def _values(designs: Designs, name: str, rows: Sequence[int]) -> NDArray[np.float64]:
    """One for each point of the plan; NaN where there is no forecast."""
    import numpy as np

    values = np.full(designs.total, np.nan)
    numbers = designs.numbers(name)
    assert numbers is not None  # _outputs has seen it
    values[designs.frame["point"].to_numpy(dtype=int)] = numbers
    found: NDArray[np.float64] = values[list(rows)]
    return found


def _sorted(
    sweep: Sweep,
    plan: Plan,
    names: list[str],
    found: Sequence[tuple[Any, Any, list[str]]],
    result: SweepResult,
) -> Sensitivity:
    import pandas as pd

    by = "total_order" if plan.method == "sobol" else "mu_star"
    frames = [frame.sort_values(by, ascending=False, kind="stable") for frame, _, _ in found]
    remarks = [remark for _, _, its in found for remark in its]
    if sweep.where:
        remarks.insert(0, f"conditions put aside: {'; '.join(sweep.where)}")
    pairs = pd.concat([its for _, its, _ in found], ignore_index=True)
    return Sensitivity(
        plan, tuple(names), pd.concat(frames, ignore_index=True), pairs, result, tuple(remarks)
    )
