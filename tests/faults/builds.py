"""Faults of `portrait build`: each history is a lake of the first day, some faults of runs of the second, and a last
run, which nothing disturbs but, in half of them, the clock.

What readers see after a fault is, table by table, what they saw before the second day or what they see after it. In the
end all is as if nothing had been, and nothing is left of the runs that died.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from random import Random

from include.tables import APPLICATIONS
from tests.faults.at_rest import FAULTS, step_clock
from tests.faults.halted import ACTS, PHASES, disturb
from tests.faults.world import Place, World

_POINTS = [(application, phase) for application in APPLICATIONS for phase in PHASES]  # in the order of a run
_OF_A_HISTORY = 10
_LAST = "asleep"  # the younger run does all that is to do
_AT_REST = 0.35  # of the faults
_CLOCK = 0.5  # of the last runs

Say = Callable[[str], None]


@dataclass
class History:
    """What was tried on one lake. `problems`: what should not have been."""

    number: int
    tried: int = 0
    lost: int = 0
    doubled: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def survived(self) -> int:
        """All of its faults or, where anything was wrong in the end or on the way, none: they follow from each other."""
        return 0 if self.problems else self.tried


def live(world: World, seed: int, number: int, say: Say) -> History:
    """One history, drawn from the seed and its number."""
    rng, history = Random(f"{seed} {number}"), History(number)
    folder = world.root / f"history-{number}"
    place = world.first.copied(folder)
    name = "the start"
    try:
        for name, happens in _drawn(rng):
            said = happens(place)
            if said is None:
                continue
            history.tried += 1
            say(f"history {number}: {name}: {said}")
            require_known(world, place, name)
            if said.endswith("exit 0"):  # all is done, there is nothing left to disturb
                break
        if rng.random() < _CLOCK:
            name = "clock stepped"
            say(f"history {number}: {name}: {step_clock(place, rng)}")
            history.tried += 1
        else:
            name += ", then a run that nothing disturbs"
            place.built()
        settle(world, place, history)
    except Exception as error:  # of the faults themselves, too: the others go on
        history.problems.append(f"{name}: {error!r}")
        say(f"history {number}: WRONG: {history.problems[-1]}")
    else:
        shutil.rmtree(folder)
    return history


def _drawn(rng: Random) -> Iterator[tuple[str, Callable[[Place], str | None]]]:
    """Faults by name, in the order in which a run comes to them."""
    points = sorted(rng.sample(range(len(_POINTS)), _OF_A_HISTORY))
    for point in points:
        if rng.random() < _AT_REST:
            name = rng.choice(list(FAULTS))
            yield name, partial(FAULTS[name], rng=rng)
            continue
        application, phase = _POINTS[point]
        act = rng.choice([a for a in ACTS if a != _LAST or point == points[-1]])
        yield f"{application} {phase}, {act}", partial(disturb, application=application, phase=phase, act=act)


def settle(world: World, place: Place, history: History) -> None:
    """AssertionError if anything is other than it would be without the faults."""
    history.lost, history.doubled = world.lost_and_doubled(place)
    assert not history.lost + history.doubled, f"{history.lost} rows lost, {history.doubled} doubled"
    left = place.left()
    assert not left, f"left behind: {'; '.join(left)}"


def require_known(world: World, place: Place, name: str) -> None:
    """AssertionError if readers see, of any table, other rows than before or after the second day."""
    released = place.released()
    strange = [t for t, rows in released.items() if rows not in (world.before[t], world.after[t])]
    assert not strange, f"after {name} readers see neither the old nor the new rows of {', '.join(strange)}"
