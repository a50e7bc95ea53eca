"""Processes that die without a word: at a thing that they leave behind, or at any instant."""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from itertools import count

from sqlalchemy import Engine, event

_TRACES = ("os.rename", "os.mkdir", "os.remove")


def forked(work: Callable[[], object]) -> int:
    """The pid of a child that does `work` and ends, with status 0 if nothing was raised."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        work()
        status = 0
    except BaseException:  # noqa: BLE001 - a child that goes on would be a second pytest
        traceback.print_exc()
    finally:
        os._exit(status)


def on_every_effect(effect: Callable[[], None]) -> None:
    """From now on have this process call `effect` before each thing that lasts.

    That is the beginning and the end of each transaction, each file that is opened for writing, renamed or removed, and each new
    folder.
    """

    def on_audit(name: str, arguments: tuple[object, ...]) -> None:
        if name in _TRACES or (name == "open" and isinstance(arguments[1], str) and "w" in arguments[1]):
            effect()

    sys.addaudithook(on_audit)
    for moment in ("begin", "commit"):
        event.listen(Engine, moment, lambda _connection: effect())


def kill_at_effect(number: int, last_word: Callable[[str], object] = lambda place: None) -> None:
    """Have this process die at its n-th effect; `last_word` hears at which of our functions, like `deliver.crew._claim`."""
    numbers = count(1)

    def effect() -> None:
        if next(numbers) == number:
            last_word(_place())
            os.kill(os.getpid(), signal.SIGKILL)

    on_every_effect(effect)


def kill_after(seconds: float) -> None:
    """Have this process die when it has been at work for so long, by its own CPU time: how busy the machine is does not matter.

    SIGPROF, which nobody here catches, ends a process as abruptly as SIGKILL does.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)


def _place() -> str:
    """The function of a stage that is at work, in its module: the ledger and the files are its tools."""
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith("hairfeed.") and not module.startswith(("hairfeed.store.", "hairfeed.files", "hairfeed.shelf")):
            return f"{module.removeprefix('hairfeed.')}.{frame.f_code.co_name}"
    return "elsewhere"
