"""What the SignalR client talks to: `POST /client/negotiate` and the WebSocket `/client/`."""

import asyncio
import contextlib
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from localhost.jsonfile import Json
from localhost.signalr import frames
from localhost.signalr.access import TokenError
from localhost.signalr.bindings import SignalRBindings
from localhost.signalr.hubs import Client, Hubs
from localhost.web import json_response

PING_SECONDS = 15.0
HANDSHAKE_SECONDS = 15.0


class SignalREndpoints:
    """The client side of the emulator."""

    def __init__(self, hubs: Hubs, bindings: SignalRBindings, ping_seconds: float = PING_SECONDS) -> None:
        self._hubs = hubs
        self._bindings = bindings
        self._ping_seconds = ping_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or serve one connection."""
        query = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if scope["type"] == "websocket":
            await self._serve(WebSocket(scope, receive, send), query, headers)
        else:
            response = self._negotiate(scope, query, headers)
            response.headers.update(_cors(headers))
            await response(scope, receive, send)

    def _negotiate(self, scope: Scope, query: Mapping[str, str], headers: Mapping[str, str]) -> Response:
        if scope["path"].rstrip("/") != "/client/negotiate":
            return Response(status_code=404)
        if scope["method"] == "OPTIONS":
            return Response(status_code=204)
        if scope["method"] != "POST":
            return Response(status_code=405)
        try:
            self._user(query, headers)
        except TokenError:
            return Response(status_code=401)
        connection = secrets.token_urlsafe(16)
        return json_response(
            {
                "negotiateVersion": 1,
                "connectionId": connection,
                "connectionToken": connection,
                "availableTransports": [{"transport": "WebSockets", "transferFormats": ["Text"]}],
            }
        )

    def _user(self, query: Mapping[str, str], headers: Mapping[str, str]) -> str:
        """Browsers can't set a header on a WebSocket and send the token in the query."""
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        token = bearer if scheme.lower() == "bearer" else query.get("access_token", "")
        if self._bindings.access is None:
            raise TokenError("the app has no SignalR binding")
        return self._bindings.access.user(token, query.get("hub", ""))

    async def _serve(self, socket: WebSocket, query: Mapping[str, str], headers: Mapping[str, str]) -> None:
        try:
            user = self._user(query, headers)
        except TokenError:
            await socket.close()  # before accept: the client sees HTTP 403
            return
        await socket.accept()
        client = Client(query.get("id") or secrets.token_urlsafe(16), user)
        hub = self._hubs[query.get("hub", "")]
        with contextlib.suppress(WebSocketDisconnect, ValueError, KeyError, TimeoutError):
            if await self._handshake(socket):
                hub.join(client)
                try:
                    await self._converse(socket, client)
                finally:
                    hub.leave(client)
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await socket.close()

    async def _handshake(self, socket: WebSocket) -> bool:
        async with asyncio.timeout(HANDSHAKE_SECONDS):
            asked = next(frames.unpack(await socket.receive_text()), {})
        if asked.get("protocol") != "json":
            await socket.send_text(frames.pack({"error": "only the json hub protocol is spoken here"}))
            return False
        await socket.send_text(frames.HANDSHAKE_DONE)
        return True

    async def _converse(self, socket: WebSocket, client: Client) -> None:
        """Read and write until either side has enough."""
        halves = [
            asyncio.create_task(self._read(socket, client)),
            asyncio.create_task(self._write(socket, client)),
        ]
        try:
            await asyncio.wait(halves, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for half in halves:
                half.cancel()
            await asyncio.gather(*halves, return_exceptions=True)

    async def _read(self, socket: WebSocket, client: Client) -> None:
        while True:
            for message in frames.unpack(await socket.receive_text()):
                if message.get("type") == frames.Kind.CLOSE:
                    return
                if message.get("type") == frames.Kind.INVOCATION and "invocationId" in message:
                    client.post(_refusal(message))

    async def _write(self, socket: WebSocket, client: Client) -> None:
        while True:
            try:
                async with asyncio.timeout(self._ping_seconds):
                    frame = await client.outbox.get()
            except TimeoutError:
                frame = frames.PING
            if frame is None:
                await socket.send_text(frames.CLOSE)
                return
            await socket.send_text(frame)


def _refusal(message: Mapping[str, Json]) -> str:
    """Say that a serverless hub without upstream has no server methods."""
    return frames.pack(
        {
            "type": frames.Kind.COMPLETION,
            "invocationId": message["invocationId"],
            "error": "this hub is serverless: it has no methods to invoke",
        }
    )


def _cors(headers: Mapping[str, str]) -> dict[str, str]:
    """Name the origin: the client sends credentials, so `*` would not do."""
    if "origin" not in headers:
        return {}
    return {
        "access-control-allow-origin": headers["origin"],
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET, POST, OPTIONS",
        "access-control-allow-headers": headers.get("access-control-request-headers", "*"),
        "vary": "Origin",
    }
