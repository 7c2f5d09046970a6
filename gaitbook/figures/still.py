"""The still image of the player: one frame as a vector image that follows the page's theme."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import numpy as np

from gaitbook.figures.skeleton import LEFT, RIGHT, Array
from gaitbook.figures.style import INK, MUTED, PALETTE, PAPER, RULE

WIDTH, HEIGHT = 640, 380
AZIMUTH_DEG, ELEVATION_DEG = 32.0, 9.0
DISTANCE_M: Final = 4.2
ARROW_M_PER_BW: Final = 0.36
GRID_M: Final = 0.25
REACH_M: Final = 1.5
FADE_STEPS: Final = 6
_COLORS: Final = {
    "ink": f"var(--pst-color-text-base,var(--jp-content-font-color1,{INK}))",
    "muted": f"var(--pst-color-text-muted,var(--jp-content-font-color2,{MUTED}))",
    "rule": f"var(--gaitbook-rule,var(--jp-border-color2,{RULE}))",
    "paper": f"var(--pst-color-background,var(--jp-layout-color0,{PAPER}))",
    "right": f"var(--gaitbook-blue,{PALETTE['blue']})",
    "left": f"var(--gaitbook-vermillion,{PALETTE['vermillion']})",
}
_NAMES: Final = {RIGHT: "right", LEFT: "left"}


@dataclass(frozen=True)
class Camera:
    """Perspective view from the person's right and front, as ``player.js`` opens with.

    Attributes
    ----------
    height_m
        Height of the person as drawn.
    """

    height_m: float

    def project(self, point_m: Array) -> Array:
        """Screen x and y, and pixels per meter there, of points (..., axis), m."""
        azimuth, elevation = np.radians(AZIMUTH_DEG), np.radians(ELEVATION_DEG)
        x, y, z = np.moveaxis(point_m - np.array([0.0, 0.5 * self.height_m, 0.0]), -1, 0)
        across = np.cos(azimuth) * x - np.sin(azimuth) * z
        toward = np.sin(azimuth) * x + np.cos(azimuth) * z
        upward = np.cos(elevation) * y - np.sin(elevation) * toward
        toward = np.sin(elevation) * y + np.cos(elevation) * toward
        scale = HEIGHT / (1.32 * self.height_m) * DISTANCE_M / (DISTANCE_M - toward)
        return np.stack([WIDTH / 2 + across * scale, HEIGHT / 2 - upward * scale, scale], axis=-1)


def draw_still(state: dict[str, Any], frame: int, alt: str) -> str:
    """Inline SVG of one frame.

    Parameters
    ----------
    state
        As made by `gaitbook.figures.player.make_state`.
    frame
        Number of the frame.
    alt
        Alternative text.
    """
    camera = Camera(height_m=max(state["height_mm"], 1) / 1000)
    place = camera.project(_row(state["points_mm"][frame]))
    parts = [
        *_ground(camera),
        *_person(state, place),
        *_arrows(state, frame, camera),
        *_legend(state, camera),
    ]
    style = ";".join(f"--{name}:{color}" for name, color in _COLORS.items())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(alt)}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" style="{escape(style)};display:block;width:100%;height:auto;'
        'stroke-linejoin:round;stroke-linecap:round;font:500 12px system-ui,sans-serif">'
        f"{''.join(parts)}</svg>"
    )


def _row(values: list[int | None]) -> Array:
    return np.array([np.nan if value is None else value / 1000 for value in values], dtype=float).reshape(
        -1, 3
    )


def _ground(camera: Camera) -> Iterator[str]:
    """Square grid that fades with distance, in a few steps of opacity so that it stays short."""
    count = round(REACH_M / GRID_M)
    step_m = GRID_M * np.arange(-count, count + 1)
    row_m, cell_m = (each.ravel() for each in np.meshgrid(step_m, step_m[:-1], indexing="ij"))
    level = np.zeros_like(row_m)
    lines_m = np.stack([np.stack([row_m, level, cell_m + shift], axis=-1) for shift in (0, GRID_M)], axis=1)
    lines_m = np.concatenate([lines_m, lines_m[..., ::-1]])
    fade = 1 - (lines_m.mean(axis=1) ** 2).sum(axis=-1) / REACH_M**2
    shade = np.ceil(FADE_STEPS * np.clip(fade, 0, 1))
    for number in range(1, FADE_STEPS + 1):
        ends = camera.project(lines_m[shade == number])
        path = "".join(f"M{a[0]:.0f} {a[1]:.0f}L{b[0]:.0f} {b[1]:.0f}" for a, b in ends)
        opacity = ((number - 0.5) / FADE_STEPS) ** 0.7
        yield f'<path d="{path}" style="stroke:var(--rule);opacity:{opacity:.2f}"/>'


def _person(state: dict[str, Any], place: Array) -> Iterator[str]:
    shapes: list[tuple[float, str]] = []
    for first, second, wide_mm, narrow_mm in state["bones"]:
        shapes.append(_limb(place, (first, second), (wide_mm, narrow_mm), _tint(state["sides"][second])))
    for sole in state["soles"]:
        for first, second in zip(sole, [*sole[1:], sole[0]], strict=True):
            shapes.append(_limb(place, (first, second), (30, 22), _tint(state["sides"][first])))
    shapes.append(_pelvis(state, place))
    yield from (shape for _, shape in sorted(shapes, key=lambda each: each[0]))
    for first, second in state["links"]:
        yield _line(place[[first, second]], _tint(state["sides"][first]), width=1, opacity=0.55)
    for number in range(state["marker_count"]):
        x, y, scale = place[number]
        if np.isfinite(x):
            color = _tint(state["sides"][number])
            yield (
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{0.011 * scale:.1f}" '
                f'style="fill:var(--paper);stroke:var(--{color});stroke-width:1.3"/>'
            )


def _pelvis(state: dict[str, Any], place: Array) -> tuple[float, str]:
    hips = [number for number, name in enumerate(state["names"]) if name in ("hip_right", "hip_left")]
    corners = place[[*state["ring"], *hips]]
    corners = corners[np.isfinite(corners).all(axis=1)]
    if len(corners) < 3 or np.ptp(corners[:, :2], axis=0).min() < 1:  # noqa: PLR2004 - an area has three corners
        return 0.0, ""
    from scipy.spatial import ConvexHull

    outline = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners[ConvexHull(corners[:, :2]).vertices, :2])
    depth = float(corners[:, 2].mean())
    width = f"stroke-width:{0.05 * depth:.1f}"
    return depth, (
        f'<polygon points="{outline}" style="fill:var(--paper);stroke:var(--paper);{width}"/>'
        f'<polygon points="{outline}" style="fill:var(--muted);stroke:var(--muted);opacity:.45;{width}"/>'
    )


def _arrows(state: dict[str, Any], frame: int, camera: Camera) -> Iterator[str]:
    if not state["force_mbw"]:
        return
    force_bw, origin_m = _row(state["force_mbw"][frame]), _row(state["pressure_mm"][frame])
    for name, force, origin in zip(("right", "left"), force_bw, origin_m, strict=True):
        if np.isfinite(origin).all() and force[1] > 0:
            yield _arrow(camera.project(np.stack([origin, origin + ARROW_M_PER_BW * force])), name)


def _arrow(ends: Array, color: str) -> str:
    (x0, y0), (x1, y1) = ends[:, :2]
    length = max(float(np.hypot(x1 - x0, y1 - y0)), 1e-6)
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    head = min(13.0, 0.45 * length)
    bx, by = x1 - ux * head, y1 - uy * head
    wing = 0.42 * head
    outline = f"{x1:.1f},{y1:.1f} {bx - uy * wing:.1f},{by + ux * wing:.1f} {bx + uy * wing:.1f},{by - ux * wing:.1f}"
    shaft = np.array([[x0, y0], [bx, by]])
    return (
        _line(shaft, "paper", width=6.5, opacity=0.9)
        + _line(shaft, color, width=3.5)
        + f'<polygon points="{outline}" style="fill:var(--{color})"/>'
        + f'<circle cx="{x0:.1f}" cy="{y0:.1f}" r="3.2" style="fill:var(--{color})"/>'
    )


def _legend(state: dict[str, Any], camera: Camera) -> Iterator[str]:
    for row, (name, color) in enumerate((("right", "right"), ("left", "left"))):
        yield f'<circle cx="20" cy="{20 + 18 * row}" r="4.5" style="fill:var(--{color})"/>'
        yield f'<text x="30" y="{24 + 18 * row}" style="fill:var(--ink)">{name}</text>'
    if state["force_mbw"]:
        bar = ARROW_M_PER_BW * HEIGHT / (1.32 * camera.height_m)
        yield _line(np.array([[20.0, 60.0], [20.0, 60.0 + bar]]), "ink", width=2)
        yield f'<text x="30" y="{64 + bar / 2:.1f}" style="fill:var(--ink)">1 body weight</text>'
    if state["label"]:
        yield (
            f'<text x="{WIDTH - 10}" y="{HEIGHT - 10}" text-anchor="end" '
            f'style="fill:var(--muted);font-size:10px">{escape(state["label"])}</text>'
        )


def _limb(place: Array, ends: tuple[int, int], radii_mm: tuple[int, int], color: str) -> tuple[float, str]:
    (x0, y0, s0), (x1, y1, s1) = place[list(ends)]
    if not np.isfinite(place[list(ends)]).all():
        return 0.0, ""
    r0, r1 = radii_mm[0] * s0 / 1000, radii_mm[1] * s1 / 1000
    angle = np.arctan2(y1 - y0, x1 - x0) + np.pi / 2
    dx, dy = np.cos(angle), np.sin(angle)
    path = (
        f"M{x0 + r0 * dx:.1f} {y0 + r0 * dy:.1f}A{r0:.1f} {r0:.1f} 0 0 1 {x0 - r0 * dx:.1f} {y0 - r0 * dy:.1f}"
        f"L{x1 - r1 * dx:.1f} {y1 - r1 * dy:.1f}A{r1:.1f} {r1:.1f} 0 0 1 {x1 + r1 * dx:.1f} {y1 + r1 * dy:.1f}Z"
    )
    tinted = f'<path d="{path}" style="fill:var(--paper)"/><path d="{path}" style="fill:var(--{color});opacity:.5"/>'
    return float(s0 + s1) / 2, tinted


def _line(ends: Array, color: str, *, width: float, opacity: float = 1.0) -> str:
    if not np.isfinite(ends).all():
        return ""
    (x0, y0), (x1, y1) = ends[:, :2]
    faded = f";opacity:{opacity:.2f}" if opacity < 1 else ""
    return (
        f'<path d="M{x0:.1f} {y0:.1f}L{x1:.1f} {y1:.1f}" '
        f'style="fill:none;stroke:var(--{color});stroke-width:{width:g}{faded}"/>'
    )


def _tint(side: int) -> str:
    return _NAMES.get(side, "muted")
