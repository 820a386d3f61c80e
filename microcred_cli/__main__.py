"""The entry point: runs a command and converts any failure to a message and an exit code."""

from __future__ import annotations

import errno
import os
import signal
import sys

if "PYDANTIC_DISABLE_PLUGINS" not in os.environ:
    # To find plugins, the metadata of every installed package would be read; microcred uses none.
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"

from microcred_cli.cli.fast_start import run_without_typer
from microcred_cli.cli.standard_streams import OutputError, flush, give_up, lost, watch
from microcred_cli.errors import DefinitionError, ExitCode, MicrocredError, StoreError, UsageError

DEBUG_VARIABLE = "MICROCRED_DEBUG"
"""The environment variable that enables tracebacks, which can contain typed answers."""


def main() -> None:
    """Run the command line and exit."""
    watch()
    try:
        sys.exit(run())
    finally:
        # All work is done, so another Ctrl-C would only interrupt the exit.
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), signal.SIG_IGN)


def run() -> int:
    """Run the command line and return the exit code."""
    try:
        try:
            code = run_without_typer(sys.argv[1:])
            if code is None:
                from microcred_cli.cli.app import start

                code = start()
        finally:
            flush()
        # A full-screen prompt whose output fails ends as if interrupted; report the output error.
        if code in (ExitCode.DONE, ExitCode.INTERRUPTED) and (error := lost()) is not None:
            raise error
        return code
    except MicrocredError as error:
        return tell(error)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except OutputError as error:
        give_up()
        why = "it is closed" if error.errno == errno.EBADF else error.strerror
        return tell(
            StoreError(
                f"Could not write to standard output: {why}.",
                hint="Free up disk space, or redirect the output to another place, then try again.",
            )
        )
    except BrokenPipeError:
        # A reader such as `head` has closed the pipe.
        give_up()
        return ExitCode.DONE
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE):
            raise
        return tell(_fault_of_ours(error))


def _fault_of_ours(error: Exception) -> MicrocredError:
    """An error message for a bug: the exception type and its location, but no answers."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f"{frame.tb_frame.f_globals.get('__name__')}:{frame.tb_lineno}" if frame else None
    return StoreError(
        f"This is a bug in microcred ({type(error).__name__}).",
        where=place,
        hint="Your answers are saved. Please report this bug. To continue: microcred resume",
    )


def tell(error: MicrocredError) -> int:
    """Print an error with its location and hint on standard error, and return its exit code."""
    from microcred_cli.terminal.console import fault_lines, say
    from microcred_cli.text import safe

    place = f" [{safe(error.where)}]" if error.where else ""
    lines = [f"microcred: {safe(error.message)}{place}"]
    if isinstance(error, DefinitionError):
        lines += fault_lines(error.faults)
    elif isinstance(error, UsageError):
        lines += (f"  {safe(detail)}" for detail in error.details)
    lines.append(safe(error.hint))
    say("\n".join(lines))
    return error.exit_code


if __name__ == "__main__":
    main()
