# SPDX-License-Identifier: Apache-2.0
"""The platform that a case names: a preset, a file, or a chip as its benchmark's table calls it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from chipcast._core import InputError
from chipcast.catalog import config_root, find_platform, is_file, platforms
from chipcast.text import did_you_mean, plain

# Chips and boards as ncnn, RKNN, MLPerf Tiny, AI Hub and NXP spell them; the first that is bundled.
_ALIASES: dict[str, tuple[str, ...]] = {
    "raspberrypi4b": ("raspberry-pi-4", "bcm2711"),
    "raspberrypi4modelb": ("raspberry-pi-4", "bcm2711"),
    "rpi4": ("raspberry-pi-4", "bcm2711"),
    "raspberrypi3bplus": ("raspberry-pi-3b-plus", "bcm2837"),
    "raspberrypi5": ("raspberry-pi-5", "bcm2712"),
    "raspberrypi3b": ("raspberry-pi-3", "raspberry-pi-3b"),
    "jetsonagxorin": ("jetson-agx-orin", "nvidia-jetson-agx-orin", "tegra-orin"),
    "agxorin": ("jetson-agx-orin", "tegra-orin"),
    "snapdragon855": ("snapdragon-855", "snapdragon-855-plus"),
    "sm8150ac": ("snapdragon-855-plus",),
    "snapdragon8gen3": ("snapdragon-8-gen-3",),
    "sm8650": ("snapdragon-8-gen-3",),
    "samsunggalaxys24": ("snapdragon-8-gen-3",),
    "dragonwingrb3gen2visionkit": ("qcs6490",),
    "rb3gen2": ("qcs6490",),
    "rk3566rk3568": ("rk3566",),
    "rk3399pro": ("rk3399",),
    "imx8mplus": ("imx8mp",),
    "imx93": ("imx93",),
    "stm32l4r5zi": ("nucleo-l4r5zi",),
    "stm32l4r5zit6": ("nucleo-l4r5zi",),
    "stm32l4r5zit6u": ("nucleo-l4r5zi",),
    "stm32l4r5zit6p": ("nucleo-l4r5zi-p", "nucleo-l4r5zi"),
    "stm32u575zi": ("nucleo-u575",),
    "stm32u575zit6q": ("nucleo-u575",),
    "nucleou575zi": ("nucleo-u575",),
    "nucleou575ziq": ("nucleo-u575",),
    "gap9evk": ("gap9",),
    "allwinnerh2": ("allwinner-h2-plus",),
}


def platform_of(text: str, base: Path) -> Path:
    """File of the platform. Paths are looked up from `base` too. Throws InputError for an unknown one."""
    if text.endswith((".json", ".cfg")):
        beside = base / text
        return beside if is_file(beside) else find_platform(text)
    known = platforms()
    if text in known:
        return find_platform(text)
    for name in _spellings(text):
        if found := _bundled().get(name) or next((p for p in _ALIASES.get(name, ()) if p in known), None):
            return find_platform(found)
    try:
        return find_platform(text)
    except InputError:
        raise InputError(f'platform: "{plain(text, 60)}" is not known{did_you_mean(text, known)}') from None


def platform_name(text: str) -> str:
    """What the chip's platform is or would be called: converters do not ask what is bundled."""
    names = _spellings(text)
    known = [_ALIASES[name][0] for name in names if name in _ALIASES]
    known += [_bundled()[name] for name in names if name in _bundled()]
    return known[0] if known else "-".join(re.findall(r"[a-z0-9]+", text.lower()))


def overlaid(overlays: Sequence[str | os.PathLike[str]]) -> dict[Path, Path]:
    """Platform file -> the overlay that is to be used in its place, as `chipcast calibrate` writes them. Throws
    InputError for a file that extends no platform, and for two that extend the same."""
    out: dict[Path, Path] = {}
    for each in map(Path, overlays):
        try:
            extends = json.loads(each.read_text(encoding="utf-8"))["extends"]
            files = [root / extends for root in (each.parent, config_root())]
        except (OSError, ValueError, KeyError, TypeError):
            raise InputError(f'overlay: "{plain(each)}" is no file that extends a platform') from None
        base = next((file.resolve() for file in files if is_file(file)), None)
        if base is None:
            raise InputError(f'overlay: {plain(each)} extends "{plain(extends)}", which is not there')
        if base in out:
            raise InputError(
                f"overlay: {plain(each)} and {plain(out[base])} extend the same platform; give one"
            )
        out[base] = each.resolve()
    return out


def overlay_of(platform: str, base: Path, overlays: dict[Path, Path]) -> Path | None:
    """The overlay for what a case names, if there is one."""
    if not overlays:
        return None
    try:
        return overlays.get(platform_of(platform, base).resolve())
    except InputError:
        return None  # the forecast says it


def same_platform(one: str, other: str, base: Path) -> bool:
    """Spellings of one platform, or of a board and its chip."""
    return one == other or bool(_known_as(one, base) & _known_as(other, base))


@cache
def _known_as(text: str, base: Path) -> frozenset[Path]:
    """The platform's file, and that which it extends without a change but for its name."""
    try:
        file = platform_of(text, base).resolve()
    except InputError:
        return frozenset()
    return frozenset({file, _renamed(file)})


def _renamed(file: Path) -> Path:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        words = {"$schema", "extends", "name", "description", "sources"}
        if isinstance(document["extends"], str) and set(document) <= words:
            files = (root / document["extends"] for root in (file.parent, config_root()))
            return next((each.resolve() for each in files if is_file(each)), file)
    except (OSError, ValueError, KeyError, TypeError):
        pass  # no JSON, or a platform of its own
    return file


def _spellings(text: str) -> list[str]:
    """The whole text, then without and only what stands in brackets: "RK3588 (OrangePi5 Plus)"."""
    outside, _, inside = text.partition("(")
    return [name for name in map(_key, (text, outside, inside)) if name]


def _key(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", re.sub(r"\+", "plus", text.lower()))


@cache
def _bundled() -> dict[str, str]:
    """Spelling without dashes -> preset."""
    return {_key(name): name for name in platforms()}
