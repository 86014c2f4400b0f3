"""`python -m localhost.demo`: start the app, replay samples/ over HTTP, show the tickets and compare.

Without options on fresh storage, ending with 0 where all came out as samples/manifest.yaml says. With `--serve` on the
storage in .local, and serving goes on until Ctrl-C.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from localhost import processes
from localhost.api import Api
from localhost.azurite import ROOT
from localhost.errors import HostError, UsageError
from localhost.jsonfile import read_object
from localhost.process import HostProcess
from localhost.replay import Delivery, Patience, collect, replay
from localhost.report import guide, summary, ticket_table
from localhost.samples import read_samples
from localhost.settings import LOCAL_SETTINGS
from localhost.verdict import problems

PLAIN_WIDTH = 180
DEFAULT_PORT = 7071


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo; returns the exit code (0 all as expected, 1 not or can't start, 2 a file or option is wrong)."""
    args = _parser().parse_args(arguments)
    console = Console()
    if not console.is_terminal:
        console = Console(width=PLAIN_WIDTH)
    processes.stop_on_signals()
    try:
        if args.token:
            print(_token(f"http://127.0.0.1:{args.port or DEFAULT_PORT}"))
            return 0
        return _run(args, console)
    except HostError as error:
        print(f"demo: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 0 if args.serve else 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="localhost.demo", description="Replay the samples and show the tickets."
    )
    parser.add_argument("--serve", action="store_true", help="keep data in .local, and serve until Ctrl-C")
    parser.add_argument("--port", type=int, help="HTTP port (default: 7071 with --serve, else any free one)")
    parser.add_argument("--in-memory", action="store_true", help="with --serve: keep nothing")
    parser.add_argument("--data", type=Path, default=ROOT / ".local", metavar="DIR", help="instead of .local")
    parser.add_argument("--samples", type=Path, default=ROOT / "samples" / "manifest.yaml", metavar="FILE")
    parser.add_argument("--timeout", type=float, default=180, metavar="SECONDS", help="for all of it (180)")
    parser.add_argument(
        "--token", action="store_true", help="print a session token of the running host, and end"
    )
    return parser


def _run(args: argparse.Namespace, console: Console) -> int:
    samples = read_samples(args.samples)
    fresh = not args.serve or args.in_memory
    with _host(args, fresh, console) as host, Api(host.url) as api:
        start = time.monotonic()
        patience = Patience(args.timeout)
        with _progress(console, sum(sample.repeat for sample in samples)) as advance:
            deliveries = replay(api, samples, patience, advance)
        api.sign_in(*_first_admin())
        result = collect(api, deliveries, patience)
        took = time.monotonic() - start
        found = problems(result, fresh=fresh)
        console.print(ticket_table(result.tickets.values()))
        console.print(summary(result, took), highlight=False)
        for problem in found:
            console.print(f"not as expected: {problem}", style="red", markup=False, highlight=False)
        if not found:
            console.print("All tickets are as samples/manifest.yaml expects them.", style="green")
        if args.serve:
            console.print(
                guide(host.url, host.log, next(iter(result.tickets), None)), markup=False, highlight=False
            )
            _serve(host)
    return 1 if found else 0


@contextmanager
def _host(args: argparse.Namespace, fresh: bool, console: Console) -> Iterator[HostProcess]:
    """Start the host; where it can't, its own line says why."""
    port = args.port if args.port is not None else DEFAULT_PORT if args.serve else 0
    data = None if fresh else args.data.resolve()
    if data:
        data.mkdir(parents=True, exist_ok=True)
    host = HostProcess(data=data, port=port, log=data / "host.log" if data else None)
    console.print("Starting the app and its storage …")
    try:
        with host:
            yield host
    except HostError as error:
        own = [line for line in host.output().splitlines() if line.startswith("localhost: ")]
        if own:
            raise HostError(own[-1].removeprefix("localhost: "), error.exit_code) from error
        raise


@contextmanager
def _progress(console: Console, total: int) -> Iterator[Callable[[Delivery], None]]:
    columns = (
        TextColumn("Replaying"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=total)
        yield lambda delivery: progress.update(task, advance=1, description=delivery.sample.title)
        progress.update(task, description="")


def _serve(host: HostProcess) -> None:
    while True:
        try:
            code = host.wait(60)
        except subprocess.TimeoutExpired:
            continue
        raise HostError(f"the host ended by itself with code {code}; its log: {host.log}")


def _first_admin() -> tuple[str, str, str]:
    """E-mail, password and set-up token, from the environment or local.settings.json, like the host's settings."""
    values = read_object(ROOT / LOCAL_SETTINGS).get("Values")
    stored = values if isinstance(values, dict) else {}
    names = ("FIRST_ADMIN_EMAIL", "FIRST_ADMIN_PASSWORD", "SETUP_TOKEN")
    found = [os.environ.get(name) or stored.get(name) for name in names]
    missing = [name for name, value in zip(names, found, strict=True) if not value]
    if missing:
        raise UsageError(f"{LOCAL_SETTINGS} lacks {', '.join(missing)}; delete it to have it made anew")
    email, password, token = map(str, found)
    return email, password, token


def _token(url: str) -> str:
    with Api(url) as api:
        return api.sign_in(*_first_admin())


if __name__ == "__main__":
    sys.exit(main())
