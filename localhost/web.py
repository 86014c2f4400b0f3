"""HTTP triggers as an ASGI app: request → the `http` data of the worker library → response.

Shapes after Azure/azure-functions-host GrpcMessageConversionExtensions.cs: header names in lower case, repeated
headers and query values joined by a comma, empty query values left out, the body always as bytes.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from localhost.functions import Function
from localhost.invoker import Invoker
from localhost.keys import Keys
from localhost.routing import Router
from localhost.worker import Datum

BODY_LIMIT_SETTING = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT"
BODY_LIMIT = 104_857_600


class BodyTooLargeError(Exception):
    """The request body passes FUNCTIONS_REQUEST_BODY_SIZE_LIMIT."""


class ClientGoneError(Exception):
    """The client left before its body was complete: a function must not see a part of it."""


class FunctionRoutes:
    """Serves the app's HTTP functions; what no route takes is a 404."""

    def __init__(self, router: Router, keys: Keys, invoker: Invoker, body_limit: int = BODY_LIMIT) -> None:
        self._router = router
        self._keys = keys
        self._invoker = invoker
        self._body_limit = body_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        response = await self._answer(scope, receive)
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        found = self._router.find(scope["method"], scope["path"])
        if not found:
            return Response(status_code=404)
        function, route_values = found
        headers = joined(
            (name.decode("latin-1"), value.decode("utf-8", "replace")) for name, value in scope["headers"]
        )
        query = joined(parse_qsl(scope["query_string"].decode("latin-1")))
        if not self._keys.admit(function, headers, query):
            return Response(status_code=401)
        try:
            body = await self._body(headers, receive)
        except BodyTooLargeError:
            return Response(status_code=413)
        except ClientGoneError:
            return Response(status_code=400)
        return await self._invoke(function, _request(scope, headers, query, route_values, body), headers)

    async def _invoke(self, function: Function, request: Datum, headers: Mapping[str, str]) -> Response:
        outcome = await self._invoker.run(function, request, headers=headers)
        return to_response(outcome.returned) if outcome.ok else Response(status_code=500)

    async def _body(self, headers: Mapping[str, str], receive: Receive) -> bytes:
        declared = headers.get("content-length", "")
        if declared.isdigit() and int(declared) > self._body_limit:
            raise BodyTooLargeError
        chunks, size, more = [], 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGoneError
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > self._body_limit:
                raise BodyTooLargeError
            chunks.append(chunk)
            more = message.get("more_body", False)
        return b"".join(chunks)


def joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Name → value, values of a repeated name joined by a comma."""
    values: dict[str, str] = {}
    for name, value in pairs:
        values[name] = f"{values[name]},{value}" if name in values else value
    return values


def to_response(datum: Datum) -> Response:
    """Make the HTTP response for what a function returned: an HttpResponse or a string."""
    if datum is None or datum.type is None:
        return Response(status_code=204)
    if datum.type == "string":
        return Response(datum.value, media_type="text/plain")
    value: dict[str, Any] = datum.value
    response = Response(value["body"].value, int(value["status_code"].value))
    for name, header in value["headers"].items():
        response.headers[name] = header.value
    for jar in value.get("cookies") or []:
        for cookie in jar.values():
            response.headers.append("set-cookie", cookie.OutputString())
    return response


def body_limit(environ: Mapping[str, str]) -> int:
    """FUNCTIONS_REQUEST_BODY_SIZE_LIMIT in bytes, by default 100 MiB as in Azure."""
    value = environ.get(BODY_LIMIT_SETTING, "")
    return int(value) if value.isdigit() else BODY_LIMIT


def _request(
    scope: Scope, headers: Mapping[str, str], query: Mapping[str, str], route: Mapping[str, str], body: bytes
) -> Datum:
    path = scope["raw_path"].decode("latin-1")
    asked = scope["query_string"].decode("latin-1")
    url = f"{scope['scheme']}://{headers.get('host', '')}{path}{'?' if asked else ''}{asked}"
    return Datum(
        {
            "method": Datum(scope["method"], "string"),
            "url": Datum(url, "string"),
            "headers": _strings(headers),
            "query": _strings(query),
            "params": _strings(route),
            "body": Datum(body, "bytes"),
        },
        "http",
    )


def _strings(values: Mapping[str, str]) -> dict[str, Datum]:
    return {name: Datum(value, "string") for name, value in values.items()}


def json_response(document: object) -> Response:
    """Make a JSON answer of the host itself."""
    return Response(json.dumps(document, indent=2) + "\n", media_type="application/json")
