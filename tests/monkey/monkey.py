"""The monkey at work: one move after the other, a look at everything after each, and a comparison with what it remembers after every blow.

Its choices hang on the seed and on what the glass offers. The same seed begins the same; a real browser's timing may offer something
else at the same moment, and from there on another story is told. The trace says what was done.
"""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from PIL import Image
from playwright.sync_api import Error

from tests.journeys import camera
from tests.journeys.office import Office
from tests.journeys.steps import PIN, enrol, find_market, get_ready, unlock
from tests.journeys.test_labels import printed
from tests.monkey import afterwards, disk, judges, moves
from tests.monkey.glass import Glass, Kind, Thing
from tests.monkey.memory import Memory, is_form
from tests.monkey.paw import Paw

LOCKED = "已锁定"
SAVED = "已存"
OPENS_SECONDS = 40
BLANK_SECONDS = 15
"""How long a glass may stay empty, as while the app starts."""
STUCK_SECONDS = 90
"""After which a step is held to hang for ever, and the browser is killed to say so."""
BACKS = 12
"""Touches of 返回 that lead home from anywhere."""
SETTLED_SECONDS = 120
"""In which everything has reached the office once all is well."""
FOREIGN = "https://jl.maker.example/scan?id=210100"


class FaultError(AssertionError):
    """Something that must never happen has happened."""


@dataclass
class Monkey:
    """One phone, one office, one seed."""

    office: Office
    paw: Paw
    seed: int
    trace: Path
    """The file that says what was done; pictures of faults lie beside it."""
    memory: Memory = field(default_factory=Memory)
    done: Counter[str] = field(default_factory=Counter)
    step: int = 0
    storm: int = 0
    """Moves until the storage is whole again."""
    unsaved: bool = False
    """Whether words may stand in a field that could not be saved; so until the app begins anew."""
    pictures: list[Image.Image] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)  # noqa: S311  a monkey keeps no secret
        self.began = time.monotonic()
        self.serving = True
        self.wrong_pins = 0
        self.trace.parent.mkdir(parents=True, exist_ok=True)
        self.trace.write_text("")

    def note(self, words: str) -> None:
        """One line of the trace."""
        with self.trace.open("a") as lines:
            lines.write(f"{self.step:5d} {time.monotonic() - self.began:8.1f} s  {words}\n")

    # Before and after

    def live(self, seconds: float, steps: int) -> None:
        """From the box to the comparison with the office at the end."""
        with self.watched(SETTLED_SECONDS * 2):
            self.begin()
        self.rage(seconds, steps)
        self.settle()

    def begin(self) -> None:
        """A phone in service, with everything for a check in the bag, and labels to hold before its camera."""
        admin = self.office.desk("admin")
        enrol(self.paw, admin, "李敏")
        self.paw.settled()
        self.paw.reload()
        unlock(self.paw)
        get_ready(self.paw, "赵刚")
        labels = admin.labels(find_market(admin))
        payload = labels[0][0]
        self.pictures = [label for _payload, label in labels[:4]]
        self.pictures += [printed(FOREIGN), printed(f"{payload[:-1]}{'A' if payload[-1] != 'A' else 'B'}")]
        self.hold(0)
        self.compare_disk()

    def rage(self, seconds: float, steps: int) -> None:
        """Moves until the time or the steps are over; raises FaultError at the first thing that must not be."""
        ends = time.monotonic() + seconds
        while self.step < steps and time.monotonic() < ends:
            self.step += 1
            with self.watched():
                self.move()
        with self.watched():
            self.heal()

    def settle(self) -> None:
        """All is well again: the phone syncs, and both sides are compared."""
        self.step += 1
        with self.watched(SETTLED_SECONDS * 2):
            self.paw.kill()
            self.compare_disk()
            self.come_back()
            self.go_home()
            self.touch_named("^待传")
            self.touch_named("^现在同步$")
            ends = time.monotonic() + SETTLED_SECONDS
            while (open_ := self.on_the_way()) and time.monotonic() < ends:
                self.paw.look()
                if self.paw.glance().has("^现在同步$"):
                    self.touch_named("^现在同步$")
            self.note("the outbox reads: " + " | ".join(each.name for each in self.paw.look().things))
            if open_:
                raise FaultError(
                    f"{open_} records have not been ruled on after {SETTLED_SECONDS} s of network"
                )
            self.outbox_says_so()
        self.paw.kill()
        kept, _drafts = disk.look(self.paw.profile)
        self.office.stop()
        data = self.office.data
        found = afterwards.compare(kept, data)
        found += afterwards.crashes(data.parent / "server.log")
        found += [
            said
            for words in (["verify-ledger"], ["rebuild", "--check"])
            if (said := afterwards.command(data, *words))
        ]
        if found:
            raise FaultError("\n".join(found))

    def on_the_way(self) -> int:
        """How many records of the phone's own file wait for a ruling."""
        return sum(each.offered or not each.status for each in disk.look(self.paw.profile)[0])

    def outbox_says_so(self) -> None:
        """No record is shown as waiting any more."""
        waiting = [each.name for each in self.paw.look().things if re.search(", (待传|已传)$", each.name)]
        if waiting:
            raise FaultError(f"the outbox still shows as waiting: {waiting}")

    # One step

    @contextmanager
    def watched(self, seconds: float = STUCK_SECONDS) -> Iterator[None]:
        """Does one step; what it did wrong, or that it never ended, is raised with a picture beside the trace."""
        hung = threading.Event()

        def give_up() -> None:
            hung.set()
            self.kill_browser()

        timer = threading.Timer(seconds, give_up)
        timer.start()
        try:
            yield
        except Error as error:
            words = f"the app hung for {seconds:g} s" if hung.is_set() else f"the browser: {error}"
            self.fail(words)
        except AssertionError as error:
            self.fail(str(error))
        finally:
            timer.cancel()

    def fail(self, words: str) -> None:
        with suppress(Error, AssertionError):
            (self.trace.parent / f"{self.seed}-{self.step}.jpg").write_bytes(self.paw.picture())
            self.note("the glass said: " + self.paw.glance().said.replace("\n", " | "))
        self.note(f"FAULT {words}")
        raise FaultError(words)

    def kill_browser(self) -> None:
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if f"--user-data-dir={self.paw.profile}".encode() in (entry / "cmdline").read_bytes():
                    os.kill(int(entry.name), signal.SIGKILL)

    def move(self) -> None:
        """One move and the look after it."""
        glass = self.paw.glance()
        if self.storm:
            self.storm -= 1
            if not self.storm:
                self.heal_storage()
        blow = moves.choose_blow(self.chance)
        if blow == "touch":
            self.touch_something(glass)
        else:
            self.done[blow] += 1
            getattr(self, f"do_{blow}")()
        self.judge()

    def judge(self) -> Glass:
        """Looks at everything; raises FaultError with what must not be."""
        slow = judges.frozen(self.paw.taken_up())
        glass = self.paw.look()
        if not glass.things:
            glass = self.paw.look_for(lambda now: bool(now.things), BLANK_SECONDS)
        wrong = [
            judges.crashed(self.paw.errors, glass),
            judges.blank(glass, self.paw.picture()),
            judges.dead_end(glass),
            slow,
        ]
        found = [each for each in wrong if each]
        if found:
            raise FaultError("\n".join(found))
        self.memory.learn(glass, fields=not self.unsaved)
        return glass

    def compare_glass(self, glass: Glass) -> None:
        lost = self.memory.missing_on(glass)
        if lost:
            raise FaultError(f"answers are lost on {glass.head!r}:\n" + "\n".join(lost))

    def compare_disk(self) -> None:
        kept, drafts = disk.look(self.paw.profile)
        lost = self.memory.missing_in(kept, drafts)
        if lost:
            raise FaultError("\n".join(lost))
        self.memory.looked(kept, drafts)

    # Touches

    def touch_something(self, glass: Glass) -> None:
        """A touch on one of the things offered, once or hastily twice; a figure on the keypad; words in a field; a signature."""
        if LOCKED in glass.said and not glass.camera and self.chance.random() < 0.9:
            self.give_pin(glass)
            return
        if (
            any("签名框" in each.name for each in [*glass.texts, *glass.things])
            and self.chance.random() < 0.4
        ):
            self.act("draws a signature", self.paw.draw)
            return
        digits = [each for each in glass.offered if re.fullmatch(r"\d", each.name)]
        if len(digits) == 10 and self.chance.random() < 0.35:
            self.type_figure(glass)
            return
        thing = moves.choose_thing(self.chance, glass)
        if thing is None:
            self.act("finds nothing to touch", lambda: None)
        elif thing.kind is Kind.FIELD:
            words = self.chance.choice(moves.WORDS)
            self.act(f"writes {words!r} into {thing.name}", lambda: self.paw.put(thing, words))
        else:
            self.touch(thing, 2 if self.chance.random() < 0.12 else 1)

    def touch(self, thing: Thing, times: int = 1) -> None:
        if re.search("^放弃$", thing.name):
            self.memory.discards += 1
            self.memory.forget()
        self.act(
            f"touches {thing.name}" + (" twice" if times > 1 else ""), lambda: self.paw.touch(thing, times)
        )

    def act(self, words: str, does: Callable[[], object]) -> None:
        head = self.paw.glance().head
        self.done[words.split(maxsplit=1)[0]] += 1
        self.note(f"{words}   [{head}]")
        does()

    def give_pin(self, glass: Glass) -> None:
        """The PIN; now and then a wrong one, but never so often that the phone must be left alone for long."""
        keys = {each.name: each for each in glass.offered if each.kind is Kind.BUTTON}
        if any(digit not in keys for digit in PIN):
            self.act("scrolls on the locked phone", lambda: self.paw.roll(down=True))
            return
        wrong = self.wrong_pins < 2 and self.chance.random() < 0.1
        self.wrong_pins = self.wrong_pins + 1 if wrong else 0
        self.act(
            "gives a wrong PIN" if wrong else "gives the PIN",
            lambda: self.type_pin(keys, "000000" if wrong else PIN),
        )
        self.paw.look_for(lambda now: LOCKED not in now.said, 1 if wrong else 10)

    def type_pin(self, keys: dict[str, Thing], digits: str) -> None:
        given = re.search(r"已输 (\d) 位", self.paw.heard())
        for _left in range(int(given[1]) if given else 0):
            self.paw.touch(keys["删除"])
        for digit in digits:
            self.paw.touch(keys[digit])

    def type_figure(self, glass: Glass) -> None:
        keys = {each.name: each for each in glass.offered}
        figure = [key for key in moves.figure_for(self.chance, glass) if key in keys]

        def types() -> None:
            for key in figure:
                self.paw.touch(keys[key])

        self.act(f"types {''.join(figure)}", types)

    def touch_named(self, name: str) -> Glass:
        """Touches the thing of such a name, which must be there."""
        glass = self.paw.look_for(lambda now: any(re.search(name, each.name) for each in now.offered), 10)
        thing = next((each for each in glass.offered if re.search(name, each.name)), None)
        if thing is None:
            raise FaultError(
                f"{name} is not to be touched on {glass.head!r}: {[each.name for each in glass.offered]}"
            )
        self.touch(thing)
        return self.judge()

    # Blows

    def do_roll(self) -> None:
        down = self.chance.random() < 0.6
        self.act("rolls " + ("down" if down else "up"), lambda: self.paw.roll(down))

    def do_back(self) -> None:
        self.act("goes back", lambda: self.paw.history(back=True))

    def do_forward(self) -> None:
        self.act("goes forward", lambda: self.paw.history(back=False))

    def do_film(self) -> None:
        self.hold(self.chance.randrange(len(self.pictures)))

    def hold(self, number: int) -> None:
        self.act(
            f"holds picture {number} before the camera",
            lambda: camera.show(self.pictures[number], self.paw.film),
        )

    def do_reload(self) -> None:
        before = self.paw.look()
        self.act("reloads", self.paw.reload)
        self.arrive(before)

    def do_kill(self) -> None:
        before = self.paw.look()
        self.memory.learn(before, fields=not self.unsaved)
        self.die("kills the browser", before)

    def die(self, words: str, before: Glass) -> None:
        """Every process of the browser ends at once; its profile is looked into, and it is switched on again."""
        self.act(words, self.paw.kill)
        self.compare_disk()
        self.paw.come_back()
        self.arrive(before)

    def arrive(self, before: Glass) -> None:
        """The app begins anew: it asks for the PIN, and then shows the form that was left, with all its answers."""
        form = before.head if SAVED in before.head and is_form(before) and not self.unsaved else ""
        self.unsaved, self.storm = False, 0
        self.judge()
        self.compare_disk()
        glass = self.unlocked()
        self.compare_glass(glass)
        if form in self.memory.forms and glass.head != form:
            raise FaultError(
                f"the app came back to {glass.head!r} and not to the form that was left, {form!r}"
            )

    def unlocked(self) -> Glass:
        """The app after the PIN, if it asks for it."""
        glass = self.paw.look()
        if LOCKED not in glass.said:
            return glass
        keys = {each.name: each for each in glass.offered if each.kind is Kind.BUTTON}
        if any(digit not in keys for digit in PIN):
            self.paw.turn(moves.SIZES[0])
            glass = self.paw.look()
            keys = {each.name: each for each in glass.offered if each.kind is Kind.BUTTON}
        if any(digit not in keys for digit in PIN):
            raise FaultError(f"a locked phone has no keypad: {sorted(keys)}")
        self.act("gives the PIN", lambda: self.type_pin(keys, PIN))
        self.wrong_pins = 0
        glass = self.paw.look_for(lambda now: LOCKED not in now.said, OPENS_SECONDS)
        if LOCKED in glass.said:
            raise FaultError(f"the PIN did not open the phone in {OPENS_SECONDS} s")
        return glass

    def come_back(self) -> None:
        self.paw.come_back()
        self.judge()
        self.unlocked()

    def do_rush(self) -> None:
        """Several touches with no look between them, and often a death in their midst: only what was shown before counts as kept."""
        glass = self.paw.glance()
        self.memory.forget()
        dies = self.chance.random() < 0.6
        for _touch in range(self.chance.randrange(1, 5)):
            thing = moves.choose_thing(self.chance, glass)
            if thing and thing.kind is not Kind.FIELD:
                self.touch(thing)
        if dies:
            self.die("kills the browser at once", glass)

    def do_network(self) -> None:
        gone = not self.paw.gone
        self.act("loses the network" if gone else "finds a network", lambda: self.paw.go_without(gone))

    def do_server(self) -> None:
        if self.serving:
            self.act("kills the server", self.office.stop)
        else:
            self.act("starts the server", self.office.start)
        self.serving = not self.serving

    def do_clock(self) -> None:
        hours = self.chance.choice(moves.CLOCKS)
        # Certificates of standards end, days change: what was ticked may read otherwise now.
        self.memory.forget()
        self.act(f"sets the clock {hours:+d} h from the true time", lambda: self.paw.set_clock(hours))

    def do_turn(self) -> None:
        size = self.chance.choice(moves.SIZES)
        self.act(f"turns the glass to {size[0]}x{size[1]}", lambda: self.paw.turn(size))

    def do_storage(self) -> None:
        error = self.chance.choice(["QuotaExceededError", "InvalidStateError"])
        self.storm, self.unsaved = self.chance.randrange(2, 7), True
        self.act(
            f"makes the storage refuse by {error} for {self.storm} moves", lambda: self.paw.refuse(error)
        )

    def do_room(self) -> None:
        self.storm, self.unsaved = self.chance.randrange(2, 7), True
        self.act(f"takes the room to grow for {self.storm} moves", lambda: self.paw.little_room(True))

    def do_squeeze(self) -> None:
        self.act("leaves the system without memory", self.paw.squeeze)

    def do_home(self) -> None:
        self.go_home()

    def heal_storage(self) -> None:
        self.note("the storage is whole again")
        self.paw.refuse("")
        self.paw.little_room(False)

    def heal(self) -> None:
        """Nothing is wrong with the machine, the network or the office any more."""
        self.note("all is well again")
        self.storm = 0
        self.heal_storage()
        self.memory.forget()
        self.paw.set_clock(0)
        self.paw.go_without(False)
        self.paw.turn(moves.SIZES[0])
        if not self.serving:
            self.office.start()
            self.serving = True

    def go_home(self) -> None:
        """From anywhere, by nothing but what is offered, back to the home screen."""
        self.act("goes home", lambda: None)
        glass = self.unlocked()
        for _back in range(BACKS):
            if glass.has("^扫码检查$") and glass.has("^今天$"):
                return
            ways = [each for each in glass.offered if re.search(r"^(关闭|✕|返回|今天|留着|完成)$", each.name)]
            if not ways:
                raise FaultError(f"no way home from {glass.head!r}: {[each.name for each in glass.offered]}")
            self.touch(next((each for each in ways if each.name == "今天"), ways[0]))
            glass = self.judge()
            if LOCKED in glass.said:
                glass = self.unlocked()
        raise FaultError(f"{BACKS} steps back do not lead home, but to {glass.head!r}")
