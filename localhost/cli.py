"""`python -m localhost`: options, files and storage first, then the host."""

import argparse
import fcntl
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import uvloop

from localhost import processes, settings
from localhost.azurite import Azurite, Ports
from localhost.config import load_config
from localhost.errors import HostError, UsageError
from localhost.host import Host, Options, flush
from localhost.server import bind

log = logging.getLogger("localhost")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the host; returns the exit code (0 stopped softly, 1 can't start, 2 a file or option is wrong)."""
    args = _parser().parse_args(arguments)
    _configure_logging(quiet=args.quiet, verbose=args.verbose)
    processes.stop_on_signals()  # until the host handles both
    if args.stop_with_stdin:
        threading.Thread(target=_stop_with_stdin, daemon=True).start()
    try:
        _serve(args)
    except HostError as error:
        print(f"localhost: {error}", file=sys.stderr)
        code = error.exit_code
    except KeyboardInterrupt:
        code = 130
    else:
        code = 0
    flush()
    # threads of functions that outlast the grace time would hold the interpreter's exit
    os._exit(code)


def _stop_with_stdin() -> None:
    """Stop softly when whoever started us is gone: its end of our standard input closes."""
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="localhost", description="Run the function app on this machine.")
    parser.add_argument("--port", type=int, default=7071, help="HTTP port, 0 for any free one (default 7071)")
    parser.add_argument(
        "--app", type=Path, default=Path(), metavar="DIR", help="the function app (default: here)"
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="what storage keeps (default .local in the app)"
    )
    parser.add_argument("--in-memory", action="store_true", help="keep nothing")
    parser.add_argument("--auth", action="store_true", help="demand function keys")
    parser.add_argument(
        "--lease", type=float, default=600, metavar="SECONDS", help="of queue messages (default 600)"
    )
    parser.add_argument(
        "--azurite-ports", type=_ports, default=(0, 0, 0), metavar="B,Q,T", help="default: free ones"
    )
    parser.add_argument(
        "--connection", metavar="STRING", help="storage that runs already, instead of a new Azurite"
    )
    parser.add_argument(
        "--prepare", metavar="MODULE:FUNC", help="called once before serving, makes tables etc."
    )
    parser.add_argument("--stop-with-stdin", action="store_true", help="stop when standard input ends")
    parser.add_argument("--quiet", action="store_true", help="log warnings only")
    parser.add_argument("--verbose", action="store_true", help="log tracebacks of failed functions")
    return parser


def _ports(text: str) -> Ports:
    blob, queue, table = (int(part) for part in text.split(","))
    return blob, queue, table


def _configure_logging(*, quiet: bool, verbose: bool) -> None:
    level = logging.WARNING if quiet else logging.INFO
    logging.basicConfig(level=level, stream=sys.stderr, format="%(asctime)s %(levelname)-7s %(message)s")
    if verbose:
        log.setLevel(logging.DEBUG)
    for name in ("azure", "urllib3", "uvicorn", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("azure.functions", "urllib3.connectionpool"):
        # each failure is told once, by us: the worker library would add a traceback, the SDKs one line a retry
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _serve(args: argparse.Namespace) -> None:
    app = args.app.resolve()
    if args.lease < 1:
        raise UsageError("--lease must be at least 1 second")
    config = load_config(app / "host.json", os.environ)
    if settings.ensure_local_settings(app):
        log.info("wrote %s with fresh secrets", settings.LOCAL_SETTINGS)
    settings.load_local_settings(app, os.environ)
    listener = bind(args.port)
    options = Options(app, args.auth, args.lease, args.prepare)
    with ExitStack() as stack:
        azurite = _storage(args, app, stack)
        uvloop.run(Host(options, config, listener, azurite).run())


def _storage(args: argparse.Namespace, app: Path, stack: ExitStack) -> Azurite | None:
    """Point the settings that stand for the emulator to ours, which is started only if there are any."""
    names = settings.emulated(os.environ)
    azurite = None
    connection = args.connection
    if names and not connection:
        data = None if args.in_memory else (args.data or app / ".local").resolve()
        if data:
            stack.enter_context(_lock(data))
        azurite = Azurite(data, in_memory=args.in_memory, ports=args.azurite_ports, outlive=data is not None)
        connection = stack.enter_context(azurite).connection_string
    for name in names:
        os.environ[name] = connection
    return azurite


def _lock(data: Path) -> IO[str]:
    """Hold the data folder as long as this process lives: two hosts must not share an Azurite's files."""
    data.mkdir(parents=True, exist_ok=True)
    file = (data / "host.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise HostError(f"another host uses {data}: stop it, or choose another folder with --data") from error
    return file
