# SPDX-License-Identifier: Apache-2.0
"""The chipcast command. Data goes to stdout, words to stderr, failure classes to exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from enum import IntEnum

import click

from chipcast._core import InputError, LimitError
from chipcast.text import one_line


class Exit(IntEnum):
    """Exit codes of the command."""

    OK = 0
    FAILED = 1
    USAGE = 2
    INVALID_INPUT = 3
    PARTIAL = 4
    LIMIT = 5
    INTERRUPTED = 130


def main() -> None:
    """Entry point of the installed command."""
    sys.exit(invoke(sys.argv[1:]))


def invoke(args: Sequence[str]) -> int:
    """Runs the command line and returns its exit code; a failure leaves one line on stderr."""
    from chipcast.cli.app import app

    if "_CHIPCAST_COMPLETE" in os.environ:
        app.main(args=list(args), prog_name="chipcast")  # the shell asks for completions
    try:
        # Not app.main(): it would turn Ctrl-C and our errors into click's own words and exit codes.
        with app.make_context("chipcast", list(args)) as context:
            app.invoke(context)
        sys.stdout.flush()
        return Exit.OK
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.exceptions.UsageError as error:
        error.show()
        return Exit.USAGE
    except InputError as error:
        return _failure(error, Exit.INVALID_INPUT)
    except LimitError as error:
        return _failure(error, Exit.LIMIT)
    except MemoryError:
        return _failure("out of memory", Exit.LIMIT)
    except (KeyboardInterrupt, click.exceptions.Abort):
        return _failure("interrupted", Exit.INTERRUPTED)
    except BrokenPipeError:
        # The reader of stdout has gone (`chipcast models | head -1`); Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FAILED
    except (OSError, RuntimeError, click.exceptions.ClickException) as error:
        return _failure(error, Exit.FAILED)


def _failure(message: object, code: Exit) -> int:
    print(f"error: {one_line(message)}", file=sys.stderr)
    return code
