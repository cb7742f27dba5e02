"""The command `cni`: runs one command and turns every outcome into an exit code of the contract."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from cni.errors import BAD_INPUT, DONE, FAULT, INTERRUPTED, CniError
from topology.problems import BadInput

EVERY = 50_000
"""Objects between two collections of garbage. Python's 700 cost a command that reads 20,000 circuits a fifth of its time."""

ANYWHERE = {"--debug": 0, "--quiet": 0, "-q": 0, "--db": 1}
"""Global options, with the number of words that follow each. They may stand before or after the command."""


def global_first(words: Sequence[str]) -> list[str]:
    """The words with global options moved to the front, where Typer wants them; what follows `--` stays."""
    front: list[str] = []
    rest: list[str] = []
    queue = list(words)
    while queue:
        word = queue.pop(0)
        if word == "--":
            rest += [word, *queue]
            break
        name = word.partition("=")[0]
        if name in ANYWHERE:
            taken = ANYWHERE[name] if word == name else 0
            front += [word, *queue[:taken]]
            del queue[:taken]
        else:
            rest.append(word)
    return front + rest


def asks_for_help(words: Sequence[str]) -> bool:
    """Whether --help or -h stands before any `--`."""
    own = words[: words.index("--")] if "--" in words else words
    return "--help" in own or "-h" in own


def main(argv: Sequence[str] | None = None) -> int:
    """Run `cni` with the given words (default: the process's) and return the exit code.

    0 done, 1 the answer is no, 2 wrong usage or bad input, 3 stopped before proof, 70 a fault of ours, 130 interrupted.
    """
    words = global_first(sys.argv[1:] if argv is None else argv)
    if argv is None:
        keep_stdout_ours()
        gc.set_threshold(EVERY)
    try:
        code = _run(words)
    except KeyboardInterrupt:
        code = INTERRUPTED
    return _flushed(code)


def keep_stdout_ours() -> None:
    """Give our results a stream of their own and send file descriptor 1 to nowhere.

    HiGHS inside OR-Tools prints debugging lines to it now and then, whatever its options say, and one such line would
    spoil a JSON document.
    """
    if sys.stdout is not sys.__stdout__ or sys.stdout is None:
        return
    try:
        sys.stdout.flush()
        ours = os.dup(1)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)
    except OSError:  # closed standard output: nothing to keep
        return
    sys.stdout = os.fdopen(ours, "w", encoding=sys.stdout.encoding, errors=sys.stdout.errors, buffering=1)


def _run(words: list[str]) -> int:
    from cni.cli import call, help_of, usage_errors

    debug = "--debug" in words
    if asks_for_help(words):
        sys.stdout.write(help_of(words) + "\n")
        return DONE
    try:
        result = call(words)
        return result if isinstance(result, int) else 0
    except usage_errors() as error:
        return _wrong_usage(error, words)
    except BadInput as error:
        if debug:
            raise
        from cni.cli.render import problems

        problems(error.problems)
        return BAD_INPUT
    except CniError as error:
        if debug:
            raise
        from cni.cli.render import complain

        complain(error.text, error.hint)
        return error.exit_code
    except OSError as error:
        if debug:
            raise
        from cni.cli.render import complain

        complain(f"{error.filename or 'the output'}: {error.strerror or error}")
        return BAD_INPUT
    except Exception as error:
        if debug:
            raise
        return _fault(error)


def _wrong_usage(error: Exception, words: Sequence[str]) -> int:
    """A word or option that the command line does not know: what is wrong, and how to see what there is."""
    from cni.cli.render import complain

    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        from cni.cli import help_of

        sys.stderr.write(help_of(words) + "\n")
        return BAD_INPUT
    message = getattr(error, "format_message", lambda: str(error))()
    path = context.command_path if context is not None else "cni"
    complain(message or "wrong usage", f"`{path} --help` shows what there is, with an example.")
    return BAD_INPUT


def _fault(error: Exception) -> int:
    """Our own mistake: say so shortly, with the place, and how to see more."""
    from cni.cli.render import complain

    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" ({os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno})" if trace else ""
    complain(
        f"a fault of cni, not of your input: {type(error).__name__}: {error}{place}",
        "The same command with --debug shows where; please report it with the input.",
    )
    return FAULT


def _flushed(code: int) -> int:
    """Write out what is buffered; a reader that has gone away is no error."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return code or BAD_INPUT
    return code


if __name__ == "__main__":
    sys.exit(main())
