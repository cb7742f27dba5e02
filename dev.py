#!/usr/bin/env python3
"""Set up and run the project with nothing but Python 3.11 (or newer) and pip.

python3 dev.py demo         the whole story on the bundled data
python3 dev.py test         the tests (more words go to pytest: test -k tariff)
python3 dev.py run ...      any `cni` command
python3 dev.py test-slow    the tests that take minutes
python3 dev.py test-long    thousands of random rounds against every award tried, 200 killed commands; about three quarters of an hour
python3 dev.py test-many    failures, downtime, builds and routes against plain enumeration on 40 times as many random networks;
                            about half an hour
python3 dev.py fuzz         broken files and wrong words for every command, for an hour (CNI_FUZZ_SECONDS=60 for less)
python3 dev.py bench        the rounds of tests/benchmarks, S to L, as a table; about half an hour (bench -k "S and heavy")
python3 dev.py browser      the pages in a headless Chromium with the network off (installed by apt-get where it is missing; what
                            drives it, 170 MB, goes into .venv)
python3 dev.py looks        every command played in terminals of 50, 80 and 120 columns on two houses, and every page, as pictures
                            in the folder looks (or the one named); about half an hour
python3 dev.py api          the API by requests made from its description, and by a client made from it (40 MB into .venv); two minutes
python3 dev.py einvoice     e-invoices against the official rules, and PDF (installs what these need, 210 MB, into .venv)
python3 dev.py dask         long work on a Dask cluster of this machine gives the same bytes (installs Dask, 30 MB, into .venv)
python3 dev.py docs         the commands of README.md and docs/, as printed
python3 dev.py lint         ruff, mypy and the layer rule
python3 dev.py format       put the code into the project's form
python3 dev.py check        all of the above that checks something
python3 dev.py setup        only make .venv
python3 dev.py lock         write requirements.lock anew (needs uv)

The first call makes `.venv` from requirements.lock, every file checked against its hash; later calls reuse it and need no
network. Only the standard library is used here, since nothing else is there yet.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "cni-stamp"
BESIDE = {
    "browser": ("", "what drives a browser, and axe (once; 170 MB)"),
    "api": ("", "what makes requests and a client from a description (once; 40 MB)"),
    "einvoice": ("--no-deps", "the official rules of e-invoices, what runs them, and Typst (once; 210 MB)"),
    "dask": ("", "Dask (once; 30 MB)"),
}
"""Groups with a lock of their own, which are no part of the quick tests' .venv: how they are locked, and what they bring."""
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
OLDEST = (3, 11)

PYTEST = ["-m", "pytest"]
DOCS = ["README.md", "docs"]  # the root conftest.py has their commands run by sybil
LINT = [
    ["-m", "ruff", "check", "."],
    ["-m", "ruff", "format", "--check", "."],
    ["-m", "mypy"],
    ["-c", "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"],
]


class SetupError(Exception):
    """Something that the person at the keyboard can mend."""


def say(text):
    """Tell on stderr what is being done; results belong to stdout."""
    sys.stderr.write("dev.py: " + text + "\n")
    sys.stderr.flush()


def fingerprint():
    """What .venv was made from and for: a change of any of it makes it anew."""
    parts = [LOCK.read_bytes(), (ROOT / "pyproject.toml").read_bytes(), sys.version.encode(), str(VENV).encode()]
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def ready():
    """Whether .venv stands as the lock says."""
    try:
        return STAMP.read_text(encoding="ascii") == fingerprint() and PYTHON.exists()
    except OSError:
        return False


def clean_environment():
    """The environment without what would point Python or pip elsewhere than to .venv."""
    drop = {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_REQUIRE_VIRTUALENV"}
    kept = {key: value for key, value in os.environ.items() if key not in drop}
    kept["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    kept["PIP_NO_INPUT"] = "1"
    return kept


def call(command, here=ROOT):
    """Run a command in a folder and return its exit code, as a shell would give it."""
    process = subprocess.Popen(command, cwd=str(here), env=clean_environment())
    call.interrupted = False
    while True:
        try:
            code = process.wait()
        except KeyboardInterrupt:  # the child got it too; it decides how to end
            call.interrupted = True
            continue
        return code if code >= 0 else 128 - code


call.interrupted = False  # whether Ctrl-C was pressed while the last command ran


def pip():
    """The pip that installs into .venv: this Python's own, else the one that venv can bring along."""
    found = subprocess.run(
        [sys.executable, "-m", "pip", "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
    )
    if found.returncode == 0:
        return [sys.executable, "-m", "pip", "--python", str(PYTHON)]
    say("this Python has no pip; trying the one that comes with venv")
    if subprocess.call([str(PYTHON), "-m", "ensurepip", "--default-pip"], stdout=subprocess.DEVNULL) == 0:
        return [str(PYTHON), "-m", "pip"]
    raise SetupError("pip is missing. Install it (on Debian or Ubuntu: apt install python3-pip) and call again.")


def make_venv():
    """Make .venv from nothing: an empty environment, the locked packages, then the project itself."""
    import venv

    if VENV.exists() or VENV.is_symlink():
        if not (VENV / "pyvenv.cfg").exists() and any(VENV.iterdir()):
            raise SetupError(f"{VENV} is there, but is no Python environment. Move it away and call again.")
        shutil.rmtree(VENV)
    say("making .venv (once; 15 to 60 seconds and 560 MB)")
    venv.create(VENV, with_pip=False, symlinks=os.name != "nt")
    project = ["--no-deps", "--no-build-isolation", "-e", str(ROOT)]
    install([*HASHED, str(LOCK)], project)
    STAMP.write_text(fingerprint(), encoding="ascii")


HASHED = ["--require-hashes", "--only-binary", ":all:", "-r"]


def install(*each):
    """Have pip install into .venv, one list of words after the other."""
    installer = [*pip(), "install", "--quiet", "--no-warn-script-location"]
    for words in each:
        code = call([*installer, *words])
        if code and call.interrupted:
            raise KeyboardInterrupt
        if code:
            raise SetupError(
                f"pip could not install (exit {code}); what it said stands above. Nothing outside .venv changed."
            )


def ensure():
    """Have a .venv that matches the lock, quickly where it already stands."""
    if ready():
        return
    try:
        make_venv()
    except PermissionError as error:
        raise SetupError(
            f"cannot write {error.filename}. Was .venv made by another user? Remove it, or use a copy of your own."
        ) from None


def python(*words):
    """Run .venv's Python and return the exit code."""
    return call([str(PYTHON), *words])


def cni(words):
    """Run `cni` where the person is, so that the paths they type mean what they say."""
    return call([str(BIN / "cni"), *words], here=Path.cwd())


def lint(words):
    """All static checks, each to its end; the first failing code."""
    codes = [python(*command) for command in LINT]
    return next((code for code in codes if code), 0)


def in_form(words):
    """Format the code and mend what ruff can mend."""
    return python("-m", "ruff", "check", "--fix", ".") or python("-m", "ruff", "format", ".")


def check(words):
    """All that checks; the quick tests last, so that their summary closes the output."""
    codes = [
        lint([]),
        VERBS["docs"]([]),
        VERBS["test-slow"]([]),
        browser([]),
        api([]),
        einvoice([]),
        dask([]),
        VERBS["test"](words),
    ]
    return next((code for code in codes if code), 0)


def lock(words):
    """Write every lock: every package of every supported Python and system, with hashes, without addresses."""
    shape = "--universal --python-version 3.11 --generate-hashes --quiet --no-header --no-annotate --no-emit-index-url"
    if shutil.which("uv") is None:
        raise SetupError("uv is missing; `pip install uv` in an environment of yours brings it.")
    groups = (
        f"pyproject.toml --group dev --output-file {LOCK.name}",
        *(
            f"--group pyproject.toml:{name} {how} --constraint {LOCK.name} --output-file {beside_lock(name).name}"
            for name, (how, _) in BESIDE.items()
        ),
    )
    codes = [
        call(f"uv pip compile {group} {shape} --no-emit-find-links".split() + words, here=ROOT) for group in groups
    ]
    return next((code for code in codes if code), 0)


def chromium():
    """Whether a browser is there, also after an attempt to install it where this may be done without asking."""
    names = [os.environ.get("CHROMIUM") or "chromium", "chromium", "chromium-browser", "google-chrome", "chrome"]
    if any(map(shutil.which, names)):
        return True
    if shutil.which("apt-get") is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    say("installing chromium by apt-get (once; 300 MB)")
    apt = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", "chromium"]
    if call(["apt-get", "update", "--quiet"]) == 0:
        call(apt)
    return any(map(shutil.which, names))


def browser(words):
    """The tests that need a browser; without one they fail, for a page that nobody tried proves nothing."""
    if not chromium():
        say("no Chromium here. On Debian or Ubuntu: sudo apt install chromium; elsewhere name it in CHROMIUM.")
        return 1
    return beside("browser", words)


MANY = ["tests/scenarios", "tests/topology/test_pair_search.py", "tests/topology/test_routes.py"]


def test_many(words):
    """What is held against enumeration, on thousands of random networks for each property."""
    os.environ["CNI_EXAMPLES"] = "40"
    return python(*PYTEST, *MANY, "-m", "not slow and not browser", *words)


def beside_lock(name):
    """The lock of a group that is installed beside."""
    return ROOT / f"requirements-{name}.lock"


def beside(name, words):
    """The tests of a marker that need a group of their own."""
    bring(name)
    return python(*PYTEST, "-m", name, *words)


def bring(name):
    """Install a group beside into .venv, once."""
    held, stamp = beside_lock(name), VENV / f"cni-{name}-stamp"
    wanted = hashlib.sha256(held.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text(encoding="ascii") != wanted:
        say(f"installing {BESIDE[name][1]}")
        install(["--no-deps", *HASHED, str(held)])
        stamp.write_text(wanted, encoding="ascii")


def looks(words):
    """Pictures of every screen, and with a Chromium of every page; what does not fit is told at the end of each."""
    folder, chosen = (words or ["looks"])[0], words[1:]
    code = python("-m", "tests.looks", folder, *chosen)
    if not chromium():
        say("no Chromium here, so no page was taken; the screens are in " + folder)
        return code or 1
    bring("browser")
    return code or python("-m", "tests.looks.pages", folder)


def api(words):
    """The tests that are made from the description of the API."""
    return beside("api", words)


def einvoice(words):
    """The tests of e-invoices against the official rules."""
    return beside("einvoice", words)


def dask(words):
    """The tests that send work to a Dask cluster."""
    return beside("dask", words)


VERBS = {
    "demo": lambda words: cni(["demo", *words]),
    "run": cni,
    "test": lambda words: python(
        *PYTEST, "-m", " and ".join(f"not {mark}" for mark in ("slow", "long", "fuzz", "bench", *BESIDE)), *words
    ),
    "test-slow": lambda words: python(*PYTEST, "-m", "slow", *words),
    "test-many": test_many,
    "fuzz": lambda words: python(*PYTEST, "-s", "-m", "fuzz", *words),
    "test-long": lambda words: python(*PYTEST, "-m", "long", *words),
    "bench": lambda words: python(*PYTEST, "-s", "-m", "bench", "tests/benchmarks", *words),
    "browser": browser,
    "looks": looks,
    "api": api,
    "einvoice": einvoice,
    "dask": dask,
    "docs": lambda words: python(*PYTEST, *DOCS, *words),
    "lint": lint,
    "format": in_form,
    "check": check,
    "setup": lambda words: 0,
    "lock": lock,
}


def main(words):
    """Do what the first word says; the others are passed on."""
    if sys.version_info < OLDEST:
        raise SetupError("Python {}.{} or newer is needed; this is {}.".format(*OLDEST, sys.version.split()[0]))
    if not words or words[0] in ("-h", "--help", "help"):
        sys.stdout.write(__doc__)
        return 0 if words else 2
    if words[0] not in VERBS:
        raise SetupError("no such word: {}. There is: {}.".format(words[0], " ".join(VERBS)))
    if words[0] != "lock":
        ensure()
    return VERBS[words[0]](words[1:])


if __name__ == "__main__":
    try:
        if hasattr(signal, "SIGPIPE"):
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        sys.exit(main(sys.argv[1:]))
    except SetupError as stop:
        say(str(stop))
        sys.exit(2)
    except KeyboardInterrupt:
        say("interrupted; call again to go on")
        sys.exit(130)
