"""The host's front door: functions, /admin, SignalR, and the dashboard or a list of functions at `/`."""

from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from localhost.functions import Function
from localhost.keys import Keys
from localhost.web import joined, json_response

DASHBOARD = Path("dashboard") / "dist"


class Status(Protocol):
    """What /admin/host/status tells."""

    def __call__(self) -> dict[str, object]:
        """State and counts."""


class Admin:
    """`GET /admin/functions` and `GET /admin/host/status`, as tools such as the SWA CLI expect them."""

    def __init__(self, functions: list[Function], prefix: str, keys: Keys, status: Status) -> None:
        self._functions = functions
        self._prefix = prefix
        self._keys = keys
        self._status = status

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._answer(scope)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if not self._keys.admit_admin(headers, joined(parse_qsl(scope["query_string"].decode("latin-1")))):
            return Response(status_code=401)
        pages = {"/admin/functions": self._list, "/admin/host/status": self._status}
        page = pages.get(scope["path"].rstrip("/")) if scope["method"] == "GET" else None
        return json_response(page()) if page else Response(status_code=404)

    def _list(self) -> object:
        return [
            {
                "name": function.name,
                "config": {
                    "bindings": [
                        dict(b.data) for b in (function.trigger, *function.inputs, *function.outputs)
                    ]
                },
                "invoke_url_template": self._url(function),
            }
            for function in self._functions
        ]

    def _url(self, function: Function) -> str | None:
        if function.trigger.type != "httptrigger":
            return None
        return f"/{self._prefix}/{function.trigger.text('route', function.name)}"


class Site:
    """Picks who answers by the first part of the path."""

    def __init__(
        self, functions: ASGIApp, prefix: str, admin: ASGIApp, signalr: ASGIApp, start_page: ASGIApp
    ) -> None:
        self._functions = functions
        self._prefix = f"/{prefix.lower()}/" if prefix else "/"
        self._parts: dict[str, ASGIApp] = {"admin": admin, "client": signalr}
        self._start_page = start_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or WebSocket."""
        path = scope["path"].lower()
        part = self._parts.get(path.lstrip("/").partition("/")[0])
        if part:
            await part(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        elif path.startswith(self._prefix) and path != "/":
            await self._functions(scope, receive, send)
        else:
            await self._start_page(scope, receive, send)


class Dashboard:
    """The built dashboard; a path of the page itself, which no file has, gets index.html."""

    def __init__(self, folder: Path) -> None:
        self._files = StaticFiles(directory=folder, html=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            await self._files(scope, receive, send)
        except HTTPException as error:
            if error.status_code == 404 and "." not in scope["path"].rsplit("/", 1)[-1]:
                await self._files({**scope, "path": "/", "raw_path": b"/"}, receive, send)
            else:
                await Response(status_code=error.status_code)(scope, receive, send)


def start_page(app: Path, functions: list[Function], prefix: str) -> ASGIApp:
    """Serve the dashboard if it is built, else a text page that lists the functions."""
    if (app / DASHBOARD / "index.html").exists():
        return Dashboard(app / DASHBOARD)
    page = PlainTextResponse(listing(functions, prefix))

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        answer = page if scope["path"] == "/" else Response(status_code=404)
        await answer(scope, receive, send)

    return serve


def listing(functions: list[Function], prefix: str) -> str:
    """List the functions, one a line: name, trigger, where it listens."""
    lines = ["The local Functions host is running. Functions:", ""]
    for function in sorted(functions, key=lambda each: (each.trigger.type, each.name)):
        lines.append(f"  {function.name:<32} {_trigger(function, prefix)}")
    return "\n".join(lines) + "\n"


def _trigger(function: Function, prefix: str) -> str:
    trigger = function.trigger
    if trigger.type == "httptrigger":
        methods = ",".join(trigger.texts("methods")) or "any"
        return f"http   {methods} /{prefix}/{trigger.text('route', function.name)}"
    if trigger.type == "queuetrigger":
        return f"queue  {trigger.text('queueName')}"
    return f"timer  {trigger.text('schedule')}"
