"""The program's entry: run a command, and turn every failure into a sentence and an exit code."""

from __future__ import annotations

import errno
import os
import signal
import sys

if "PYDANTIC_DISABLE_PLUGINS" not in os.environ:
    # Looking for plugins reads the metadata of every installed package; microcred uses none.
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"

from microcred_cli.cli.standard_streams import OutputError, give_up, watch
from microcred_cli.errors import DefinitionError, ExitCode, MicrocredError, StoreError

DEBUG_VARIABLE = "MICROCRED_DEBUG"
"""Set to anything, it shows tracebacks, which can hold what was typed."""


def main() -> None:
    """Run the command line and exit."""
    watch()
    try:
        sys.exit(run())
    except BrokenPipeError:
        # Whoever read our output has gone; there is nobody to tell.
        give_up()
        sys.exit(ExitCode.STORAGE)
    finally:
        # All is done: one more Ctrl-C would only tear the end apart.
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), signal.SIG_IGN)


def run() -> int:
    """Run the command line; the exit code."""
    from microcred_cli.cli.app import start

    try:
        try:
            return start()
        finally:
            sys.stdout.flush()
    except MicrocredError as error:
        return tell(error)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except OutputError as error:
        give_up()
        why = "it is closed" if error.errno == errno.EBADF else error.strerror
        return tell(
            StoreError(
                f"Standard output could not be written: {why}.",
                hint="Send it somewhere else, or make room there, then try again.",
            )
        )
    except BrokenPipeError:
        raise
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE):
            raise
        return tell(_fault_of_ours(error))


def _fault_of_ours(error: Exception) -> MicrocredError:
    """The error for a fault in the program: its kind and place, without words of an answer."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f"{frame.tb_frame.f_globals.get('__name__')}:{frame.tb_lineno}" if frame else None
    return StoreError(
        f"This is a fault in microcred ({type(error).__name__}).",
        where=place,
        hint="The answers so far are kept: go on with microcred resume, and tell the developers.",
    )


def tell(error: MicrocredError) -> int:
    """Print an error with its place and hint on standard error; its exit code."""
    from microcred_cli.terminal.console import say
    from microcred_cli.text import safe

    place = f" [{safe(error.where)}]" if error.where else ""
    lines = [f"microcred: {safe(error.message)}{place}"]
    if isinstance(error, DefinitionError):
        for fault in error.faults:
            lines.append(f"  {fault.code} {safe(fault.place)}: {safe(fault.message)}")
            lines.append(f"       {safe(fault.hint)}")
    lines.append(safe(error.hint))
    say("\n".join(lines))
    return error.exit_code


if __name__ == "__main__":
    main()
