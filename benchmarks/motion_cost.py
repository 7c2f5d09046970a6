"""What completing and training cost, side by side in one run, and whether a training survives being killed."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from motion_contest import (
    FIRST_TRAINED,
    learned_peers,
    model,
    ours,
    peers,
    simulate_people,
)
from report import Line
from safetensors.torch import load_file

from gaitbook.cohort.store import append_trial, create_cohort, finish_cohort
from gaitbook.models.families import smooth_noise
from gaitbook.models.fitting import FittingPlan
from gaitbook.models.motion_model import MotionModel, save_model
from gaitbook.models.peers import train_peer
from gaitbook.models.window_sampling import Sequences
from gaitbook.representation.channels import FORCE, PHYSICS, STATES, numbers_of
from gaitbook.representation.hiding import FULL, hidden_channels, hidden_coordinates
from gaitbook.representation.states import encode_person, encode_states
from gaitbook.studies.completion import CompletionPlan
from gaitbook.studies.contestants import DIRECT, GAITDYNAMICS
from gaitbook.studies.motion_training import train_motion, window_sampler
from gaitbook.synthesis.gait import simulate_gait
from gaitbook.synthesis.population import draw_people

if TYPE_CHECKING:
    from torch import Tensor

HERE = Path(__file__).parent
SCRATCH = Path(tempfile.mkdtemp(prefix="gaitbook_motion_"))
CHEAPER = 40
MANY = 50
KB_PER_GB = 1024**2
NETWORKS = ("network", "force")
DIFFUSION = GAITDYNAMICS[0]
HIDDEN = "knees"
Completer = Callable[["Tensor", "Tensor", "Tensor"], "Tensor"]


def cost() -> Iterator[Line]:
    """Time of windows, of a whole trial and of training; memory."""
    for name in ("cpu", *(["cuda"] if torch.cuda.is_available() else [])):
        yield from _window_lines(name)
    yield from _whole_lines()
    yield from _trial_lines()
    yield from _training_lines()


def _window_lines(device: str) -> Iterator[Line]:
    """Windows of 1.5 s, ours and the diffusion's, side by side in this process."""
    where = torch.cuda.get_device_name() if device == "cuda" else f"{os.cpu_count()} cores"
    moved = {name: getattr(model(), name) for name in NETWORKS}
    motion_model = replace(model(), **{name: part and part.to(device) for name, part in moved.items()})
    peer = peers().get(DIFFUSION)
    if peer is None:
        yield Line("time of a window against the diffusion peer", "there is none", "it is shipped", met=False)
        return
    peer = replace(peer, network=peer.network.to(device))
    for batch in (1, 32):
        values, person = _windows(batch)
        theirs_s = _seconds(peer.complete, values, person, draws=1, repeats=3 if batch == 1 else 1, steps=50)
        for draws in (1, MANY):
            own_s = _seconds(
                partial(_complete, motion_model),
                values,
                person,
                draws=draws,
                repeats=5 if batch * draws < 100 else 1,
            )
            ratio = theirs_s * draws / own_s
            figure = (
                f"{own_s / batch:.4f} s a window with {draws} draw(s), {theirs_s / batch:.3f} s with one of the "
                f"diffusion's: {ratio:.0f} times cheaper per draw"
            )
            target = f">= {CHEAPER} times" + (", and all no dearer than its one" if draws > 1 else "")
            met = ratio >= CHEAPER and (draws == 1 or own_s <= theirs_s)
            yield Line(f"completing, batch {batch}, {where}", figure, target, met)
    for part in filter(None, moved.values()):
        part.to("cpu")
    peer.network.to("cpu")


def _complete(motion_model: MotionModel, values: "Tensor", person: "Tensor", noise: "Tensor") -> None:
    """All that networks do: motion and force are drawn, and force is found for each drawn motion."""
    drawn = motion_model.complete(values, person, noise)
    if motion_model.force is not None:
        given = values[..., drawn.shape[-1] :].expand(len(drawn), -1, -1, -1)
        whole = torch.cat([drawn, given], dim=-1).flatten(0, 1)
        motion_model.find_force(whole, person.repeat(len(drawn), 1))


def _seconds(
    complete: Completer, values: "Tensor", person: "Tensor", *, draws: int, repeats: int, **options: int
) -> float:
    """Time of the fastest repeat, on one thread or on one for each core: small networks lose by sharing."""
    noise = smooth_noise(draws, *values.shape[:2], STATES, random=torch.Generator().manual_seed(0))
    before = torch.get_num_threads()
    taken = []
    for threads in {1, os.cpu_count() or 1}:
        torch.set_num_threads(threads)
        complete(values[:1], person[:1], noise[:1, :1], **options)
        for _ in range(repeats):
            began = time.perf_counter()
            complete(values, person, noise, **options)
            taken.append(time.perf_counter() - began)
    torch.set_num_threads(before)
    return min(taken)


def _windows(count: int) -> tuple["Tensor", "Tensor"]:
    """Windows of simulated people without knees, what the motion requires, and force."""
    sequences = _sequences()
    frames = model().frames
    values = torch.stack([each[:frames].float() for each in sequences.values])
    hidden = [*hidden_channels(hidden_coordinates(HIDDEN)), *numbers_of((*FORCE, *PHYSICS))]
    values[..., hidden] = torch.nan
    which = torch.arange(count) % len(values)
    return values[which], torch.stack(list(sequences.person))[which]


def _whole_lines() -> Iterator[Line]:
    """A trial of one window, from labels to labels: mechanics, intervals and all."""
    motion = simulate_people(FIRST_TRAINED, 2)[0]
    motion = motion._replace(trial=motion.trial.isel(time=slice(0, model().frames)))
    peer = next((each for each in learned_peers() if each.name == DIRECT), None)
    taken = {}
    for one in (*(replace(ours(), plan=CompletionPlan(draws=draws)) for draws in (1, MANY)), peer):
        if one is not None:
            began = time.perf_counter()
            one.complete(motion, hidden_coordinates(HIDDEN))
            taken[one.name, one.plan.draws] = time.perf_counter() - began
    figure = ", ".join(
        f"{name} with {draws} draw(s) {seconds:.2f} s" for (name, draws), seconds in taken.items()
    )
    yield Line(f"a trial of 1.5 s, {HIDDEN} hidden, mechanics included", figure, "reported", met=True)


def _trial_lines() -> Iterator[Line]:
    """A minute of walking through the command, from its files to the files with the prediction."""
    person = draw_people(1).iloc[0].to_dict() | {"subject": "someone"}
    trial = simulate_gait(person, speed_mps=1.3, gait="walk", duration_s=60.0)
    cohorts = SCRATCH / "cohorts"
    cohort = create_cohort(cohorts / "minute", name="minute")
    append_trial(cohort, trial[["joint_angle", "pelvis_position"]])
    finish_cohort(cohort)
    weights = save_model(model(), SCRATCH / "model.safetensors")
    for hidden in (FULL, HIDDEN):
        options = ["--hide", hidden, "--draws", str(MANY), "--weights", weights, "--output", SCRATCH / "out"]
        code = "from gaitbook.cli import main; import sys; assert main(sys.argv[1:]) == 0"
        seconds, memory_gb, _ = _child(code, "predict", "minute", *options, cohorts=cohorts)
        figure = f"{seconds:.0f} s, at most {memory_gb:.1f} GB"
        what = f"a trial of 60 s end to end, {MANY} draws, {hidden} hidden"
        yield Line(what, figure, "reported", met=True)


def _training_lines() -> Iterator[Line]:
    """Windows per second of training, and memory, each in a process of its own."""
    torch.save(vars(_sequences()), SCRATCH / "sequences.pt")
    for name in ("ours", DIFFUSION):
        code = "from motion_cost import time_training; import sys; time_training(*sys.argv[1:])"
        _, memory_gb, told = _child(code, name, SCRATCH / "sequences.pt")
        figure = f"{json.loads(told):.0f} windows/s in float32 on {os.cpu_count()} cores, at most {memory_gb:.1f} GB"
        yield Line(f"training, {name}", figure, "reported", met=True)


def time_training(name: str, file: str) -> None:
    """Write to standard output how many windows a second are learned from."""
    sequences = Sequences(**torch.load(file, weights_only=True))
    few, many = 4, 44
    _train_s(name, sequences, few)
    taken = [_train_s(name, sequences, steps) for steps in (few, many)]
    sys.stdout.write(json.dumps((many - few) * 32 / (taken[1] - taken[0])))


def _train_s(name: str, sequences: Sequences, steps: int) -> float:
    plan = FittingPlan(family=model().family, steps=steps, batch=32)
    began = time.perf_counter()
    if name == DIFFUSION:
        train_peer(name, window_sampler(sequences), plan, progress=False)
    else:
        train_motion(sequences, plan, **_size(), progress=False)
    return time.perf_counter() - began


def _size() -> dict[str, int]:
    return {name: getattr(model().network.size, name) for name in ("width", "blocks", "patch")}


def resume() -> Iterator[Line]:
    """A training killed at random moments three times ends with the weights of one that was not."""
    torch.save(vars(_sequences()), SCRATCH / "sequences.pt")
    whole, killed = SCRATCH / "whole.safetensors", SCRATCH / "killed.safetensors"
    elapsed_s = _train_child(whole)
    random = np.random.default_rng()
    steps = []
    for _ in range(3):
        _train_child(killed, kill_after_s=float(random.uniform(0.05, 0.3)) * elapsed_s)
        checkpoint = killed.with_suffix(".checkpoint")
        steps.append(torch.load(checkpoint, weights_only=True)["step"] if checkpoint.exists() else 0)
    _train_child(killed)
    one, other = (load_file(file) for file in (whole, killed))
    same = one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
    figure = f"{'the same' if same else 'other'} weights; killed when {', '.join(map(str, steps))} steps were saved"
    yield Line("a training killed by SIGKILL three times, against one that was not", figure, "the same", same)


def small_training(file: str, output: str) -> None:
    """Train a small model, or go on; says so on standard output when it begins."""
    torch.set_num_threads(1)
    sequences = Sequences(**torch.load(file, weights_only=True))
    plan = FittingPlan(family=model().family, steps=400, batch=16, save_every=10)
    path = Path(output)
    sys.stdout.write("training\n")
    sys.stdout.flush()
    small = train_motion(
        sequences, plan, width=64, blocks=2, checkpoint=path.with_suffix(".checkpoint"), progress=False
    )
    save_model(small, path)


def _train_child(output: Path, *, kill_after_s: float | None = None) -> float:
    """Train in a process of its own; seconds from the beginning to the end, or until it was killed."""
    code = "from motion_cost import small_training; import sys; small_training(*sys.argv[1:])"
    command = [sys.executable, "-c", code, str(SCRATCH / "sequences.pt"), str(output)]
    with subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        if child.stdout is None or not child.stdout.readline():
            raise RuntimeError("the training did not begin")
        began = time.perf_counter()
        if kill_after_s is not None:
            time.sleep(kill_after_s)
            child.send_signal(signal.SIGKILL)
        child.wait()
    if kill_after_s is None and child.returncode:
        raise RuntimeError(f"the training ended with {child.returncode}")
    return time.perf_counter() - began


@cache
def _sequences() -> Sequences:
    """A few simulated people who may be trained on, encoded."""
    motions = simulate_people(FIRST_TRAINED, 2)
    values = [encode_states(each.trial, each.model).half() for each in motions]
    return Sequences(
        values,
        [each[:, -len(PHYSICS) :] for each in values],
        [encode_person(each.trial) for each in motions],
        [str(each.trial.attrs["trial"]) for each in motions],
        [str(each.trial.attrs["subject"]) for each in motions],
    )


def _child(code: str, *arguments: object, cohorts: Path | None = None) -> tuple[float, float, str]:
    """Seconds, peak memory in GB and output of Python code in a process of its own."""
    ending = (
        "\nimport resource; sys.stderr.write(f'PEAK {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}')"
    )
    environment = {**os.environ, "GAITBOOK_COHORTS": str(cohorts)} if cohorts else dict(os.environ)
    began = time.perf_counter()
    finished = subprocess.run(
        [sys.executable, "-c", code + ending, *map(str, arguments)],
        cwd=HERE,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - began
    if finished.returncode:
        raise RuntimeError(finished.stderr.strip().splitlines()[-1])
    memory_gb = int(finished.stderr.rsplit("PEAK ", 1)[1]) / KB_PER_GB
    return seconds, memory_gb, finished.stdout
