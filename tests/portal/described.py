"""What can be made from the description of an API: a client as members make theirs, and requests right and wrong.

Imported late, since the quick tests' environment has neither: schemathesis, openapi-python-client.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

PHASES = (Phase.explicit, Phase.generate, Phase.shrink)


def client_of(description: dict[str, Any], folder: Path, name: str) -> ModuleType:
    """The package `name` that openapi-python-client makes from a description; any warning of it is a fault."""
    source = folder / f"{name}.json"
    source.write_text(json.dumps(description), encoding="utf-8")
    (folder / "config.json").write_text('{"post_hooks": []}')  # its form is nobody's concern here
    words = f"generate --config config.json --path {source.name} --output-path {name} --meta none --fail-on-warning"
    command = [sys.executable, "-m", "openapi_python_client", *words.split()]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    try:
        importlib.invalidate_caches()
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))


def called_by(served: Any, base_url: str) -> Any:
    """A client of httpx, which made clients use, whose calls starlette's own client carries out in this process."""
    import httpx

    def carried_out(asked: httpx.Request) -> httpx.Response:
        headers = {k: v for k, v in asked.headers.items() if k not in ("host", "content-length")}
        answer = served.request(asked.method, str(asked.url), content=asked.content, headers=headers)
        return httpx.Response(answer.status_code, headers=dict(answer.headers), content=answer.content)

    return httpx.Client(transport=httpx.MockTransport(carried_out), base_url=base_url)


def schema_of(app: Any, address: str, host: str = "localhost") -> Any:
    """The description that an application gives at an address to who calls it by a host, as schemathesis reads it."""
    import schemathesis

    return schemathesis.openapi.from_asgi(address, app, headers={"host": host})


def operations(schema: Any) -> Iterator[Any]:
    """Every operation of a description. AssertionError where one cannot be read."""
    from schemathesis.core.result import Ok

    for found in schema.get_all_operations():
        assert isinstance(found, Ok), str(found.err())
        yield found.ok()


def faults(
    schema: Any, examples: int, headers: dict[str, str], known: Mapping[str, Sequence[str]] | None = None
) -> list[str]:
    """What goes wrong with requests made from a description, by operation: `examples` right ones, and as many wrong.

    Wrong are: an answer of 500 and up, a status, a type or a body that the description does not give, a wrong request that is
    taken, a method that is not there and answers. A right request may still be refused: a description cannot tell which
    rounds there are. `known`: values for parameters of paths, of which right requests take some.
    """
    from schemathesis import GenerationMode

    said: list[str] = []
    for operation in operations(schema):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            ids = known if known and mode is GenerationMode.POSITIVE else {}
            fault = _fault(operation.as_strategy(generation_mode=mode), examples, headers, ids)
            if fault:
                said.append(f"{operation.label} ({mode.value}): {fault}")
    return said


def _fault(cases: Any, examples: int, headers: dict[str, str], known: Mapping[str, Sequence[str]]) -> str:
    from hypothesis.errors import Unsatisfiable
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=PHASES,
        suppress_health_check=list(HealthCheck),
    )
    @given(cases, st.data())
    def behaves(case: Any, data: st.DataObject) -> None:
        for name in sorted(set(case.path_parameters or ()) & set(known)):
            if data.draw(st.integers(0, 3)):  # three of four
                case.path_parameters[name] = data.draw(st.sampled_from(known[name]))
        case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

    try:
        behaves()
    except Unsatisfiable:  # nothing can be wrong about a request without parameters
        return ""
    except BaseExceptionGroup as group:
        return "; ".join(" ".join(str(each).split()) for each in group.exceptions)
    except Exception as error:  # also one that the application let through: a server would answer 500
        return " ".join(f"{type(error).__name__}: {error}".split())
    return ""
