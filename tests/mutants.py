"""Mutants of the metrology rules, all of them in some minutes: ``make mutants`` (docs/mutants.md, decision 20).

mutmut makes the mutants and says which function each changes. Here one warm session of pytest, collected once, runs for each only the tests
that reach that function, the likely killers first, in a fork that many mutants share: the mutant's code is put in place of the function's.
"""

from __future__ import annotations

import contextlib
import fnmatch
import functools
import gc
import io
import json
import os
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings
from mutmut import __main__ as mutmut
from mutmut.mutation import trampoline

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "mutants/results.json"
EXAMPLES, BATCH, LONGEST = 10, 60, 20
"""Examples of a property, mutants a fork, and the seconds of processor after which a mutant counts as killed."""
FUNCTIONS: dict[str, tuple[Any, dict[str, Any]]] = {}
"""By mutmut's name: each function that has mutants, and these."""


def in_place(mutants: dict[str, Any], is_classmethod: bool = False) -> Callable[[Any], Any]:
    """Instead of mutmut's trampoline: leaves the function as it is, and remembers it."""
    del is_classmethod

    def remember(function: Any) -> Any:
        owner, _, name = function.__qualname__.rpartition(".")
        mangled = f"xǁ{owner}ǁ{name}" if owner else f"x_{name}"
        FUNCTIONS[f"{function.__module__}.{mangled}"] = function, mutants
        return function

    return remember


@contextlib.contextmanager
def put(key: str) -> Iterator[None]:
    """The mutant's code in place of its function's."""
    function, mutants = FUNCTIONS[mutmut.mangled_name_from_mutant_name(key)]
    mutant = mutants[key.rpartition(".")[2]]
    mutant = getattr(mutant, "__func__", mutant)
    before = function.__code__, function.__defaults__, function.__kwdefaults__
    owner = None
    try:
        function.__code__ = mutant.__code__
        function.__defaults__, function.__kwdefaults__ = mutant.__defaults__, mutant.__kwdefaults__
    except ValueError:
        # The mutant calls no super(), or is the only one that does.
        owner = getattr(sys.modules[function.__module__], function.__qualname__.partition(".")[0])
        setattr(owner, function.__name__, mutant)
    try:
        yield
    finally:
        if owner:
            setattr(owner, function.__name__, function)
        function.__code__, function.__defaults__, function.__kwdefaults__ = before


def make() -> dict[str, str]:
    """Makes the mutants; each with the hash of its function."""
    os.environ["MUTANT_UNDER_TEST"] = "mutant_generation"
    trampoline.wrap_in_trampoline = in_place
    found: dict[str, str] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        (ROOT / "mutants").mkdir(exist_ok=True)
        mutmut.copy_src_dir()
        for path in mutmut.walk_source_files():
            made = mutmut.create_file_mutants(path)
            if made.error:
                raise made.error
    for path in mutmut.walk_mutatable_files():
        known = mutmut.SourceFileMutationData(path=path)
        known.load()
        for key in known.exit_code_by_key:
            function = mutmut.mangled_name_from_mutant_name(key).rpartition(".")[2]
            found[key] = known.hash_by_function_name.get(function, "")
    return found


def say(line: str) -> None:
    """One line of the report."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Runner:
    """A plugin of pytest that runs mutants instead of tests."""

    def __init__(self, hashes: dict[str, str], patterns: list[str]) -> None:
        self.hashes, self.patterns = hashes, patterns
        self.results: dict[str, list[str]] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        self.kills: dict[str, Counter[str]] = defaultdict(Counter)
        self.reach: dict[str, set[str]] = defaultdict(set)
        self.seconds: dict[str, float] = {}
        self.breadth: Counter[str] = Counter()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Looks which test reaches what, then runs each mutant that was not killed before."""
        self.session, self.items = session, {item.nodeid: item for item in session.items}
        self.caches = [
            each
            for each in gc.get_objects()
            if isinstance(each, functools._lru_cache_wrapper)
            and each.__module__.startswith("tests.")
            and each.__module__ != "tests.shared.words"
        ]
        for item in session.items:
            self.look(item)
        say(f"{len(self.items)} tests, {sum(self.seconds.values()):.0f} s")
        wanted = [
            key
            for key, hash_of in self.hashes.items()
            if any(fnmatch.fnmatch(key, each) for each in self.patterns)
            and self.results.get(key, [])[:2] != ["killed", hash_of]
        ]
        gc.collect()
        gc.freeze()
        while wanted:
            done = self.in_a_fork(wanted[:BATCH])
            wanted = wanted[done:]
            RESULTS.write_text(json.dumps(self.results))
            say(f"{len(wanted)} left")
        self.report()
        return True

    def look(self, item: Any) -> None:
        """How long a test takes, and which functions it reaches, what is remembered from others having been forgotten."""
        plain = getattr(item.obj, "__func__", item.obj)
        if hasattr(plain, "hypothesis"):
            own = getattr(plain, "_hypothesis_internal_use_settings", settings.default)
            plain._hypothesis_internal_use_settings = settings(
                own,
                max_examples=min(EXAMPLES, own.max_examples),
                derandomize=True,
                database=None,
                phases=[Phase.explicit, Phase.generate],
            )
        began = time.process_time()
        assert self.passes(item), f"{item.nodeid} fails without any mutant"
        self.seconds[item.nodeid] = time.process_time() - began
        names = {function.__code__: name for name, (function, _mutants) in FUNCTIONS.items()}

        def called(frame: Any, event: str, argument: object) -> None:
            if event == "call" and frame.f_code in names:
                self.reach[names[frame.f_code]].add(item.nodeid)

        self.forget()
        sys.setprofile(called)
        self.passes(item)
        sys.setprofile(None)
        self.breadth[item.nodeid] = sum(item.nodeid in tests for tests in self.reach.values())

    def forget(self) -> None:
        """Rules are read anew, and with them judges, plans and limits."""
        for each in self.caches:
            each.cache_clear()

    def passes(self, item: Any) -> bool:
        """Whether a test passes; as pytest runs it, but for the report."""
        try:
            if not item._request:
                item._initrequest()
            self.session._setupstate.setup(item)
            item.runtest()
            return True
        except (Exception, pytest.fail.Exception):
            return False
        finally:
            self.session._setupstate.teardown_exact(None)
            item._request, item.funcargs = False, None

    def in_a_fork(self, keys: list[str]) -> int:
        """Runs some mutants in one fork, until one of them takes it down; how many were run."""
        told, tells = os.pipe()
        child = os.fork()
        if not child:
            os.close(told)
            silent = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silent, 1)
            os.dup2(silent, 2)
            for key in keys:
                killer = self.killer_of(key)
                os.write(tells, (json.dumps([key, killer]) + "\n").encode())
            os._exit(0)
        os.close(tells)
        done = 0
        with os.fdopen(told) as lines:
            for line in lines:
                key, killer = json.loads(line)
                self.note(key, killer)
                done += 1
        _pid, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status) and done < len(keys):
            self.note(keys[done], "it ran too long")
            done += 1
        assert done, f"{keys[0]} can't be run"
        return done

    def note(self, key: str, killer: str) -> None:
        """What became of a mutant."""
        self.results[key] = ["killed" if killer else "lived", self.hashes[key], killer]
        if killer:
            self.kills[mutmut.mangled_name_from_mutant_name(key)][killer] += 1

    def killer_of(self, key: str) -> str:
        """The first test that fails with a mutant, those that reach little else being asked first; empty where all pass."""
        function = mutmut.mangled_name_from_mutant_name(key)
        kills = self.kills[function]
        tests = sorted(self.reach[function], key=lambda each: (-kills[each], self.breadth[each], each))
        signal.setitimer(signal.ITIMER_PROF, LONGEST)
        self.forget()
        with put(key):
            killer = next((each for each in tests if not self.passes(self.items[each])), "")
        self.forget()
        signal.setitimer(signal.ITIMER_PROF, 0)
        if killer:
            kills[killer] += 1
        return killer

    def report(self) -> None:
        """How many of each module were killed, and which live."""
        modules: dict[str, list[str]] = defaultdict(list)
        for key, hash_of in self.hashes.items():
            status, known, *_ = self.results.get(key, ["", ""])
            if known == hash_of:
                modules[key.rpartition(".")[0].removeprefix("shared.metrology.")].append(status)
                if status == "lived":
                    say(f"lives: {key}")
        for module, found in sorted(modules.items()):
            say(f"{module}: {len(found)} mutants, {found.count('lived')} living")


def main() -> int:
    """Runs the mutants whose names fit one of the patterns on the command line."""
    patterns = sys.argv[1:] or ["shared.metrology*"]
    os.chdir(ROOT)
    sys.argv = ["mutmut"]
    hashes = make()
    # The mutated shared goes before the real one, the tests are the real ones.
    sys.path[:0] = [str(ROOT / "mutants"), str(ROOT)]
    __import__("shared")
    options = ["tests/shared", "-q", "--tb=no", "-s", "-p", "no:cacheprovider", f"--rootdir={ROOT}"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    return int(pytest.main(options, plugins=[Runner(hashes, patterns)]))


if __name__ == "__main__":
    raise SystemExit(main())
