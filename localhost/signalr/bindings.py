"""The `signalRConnectionInfo` input and the `signalR` output.

After azure-sdk-for-net Microsoft.Azure.WebJobs.Extensions.SignalRService (SignalRMessage, SignalRGroupAction).
"""

import json
import re
from collections.abc import Mapping

from localhost.errors import HostError, InvocationError
from localhost.functions import Binding, Function
from localhost.jsonfile import Json
from localhost.outputs import parse_json
from localhost.settings import resolve
from localhost.signalr.access import Access
from localhost.signalr.frames import invocation
from localhost.signalr.hubs import Hub, Hubs
from localhost.worker import Datum

DEFAULT_SETTING = "AzureSignalRConnectionString"
EXPRESSION = re.compile(r"\{([^{}]+)\}")


class SignalRBindings:
    """Both bindings against one emulator on `port`."""

    def __init__(self, hubs: Hubs, environ: Mapping[str, str], port: int) -> None:
        self._hubs = hubs
        self._environ = environ
        self._port = port
        self.access: Access | None = None

    def prepare(self, function: Function) -> None:
        """Read the connection string that the function's SignalR bindings name; HostError if it is not set."""
        for binding in (*function.inputs, *function.outputs):
            if binding.type.startswith("signalr"):
                where = f"function {function.name}, binding {binding.name}"
                setting = binding.text("connectionStringSetting", DEFAULT_SETTING)
                value = self._environ.get(setting)
                if not value:
                    raise HostError(
                        f"{where}: SignalR connection '{setting}' is not set in local.settings.json"
                    )
                self._hub_name(binding)
                self.access = Access(value, where)

    def connection_info(self, binding: Binding, headers: Mapping[str, str]) -> Datum:
        """URL and token for the client, for the user that the binding's `userId` expression gives."""
        if self.access is None:
            raise InvocationError("no SignalR connection")
        user = EXPRESSION.sub(lambda match: _header(match[1], headers), binding.text("userId"))
        url = f"http://{self._address(headers)}/client/?hub={self._hub_name(binding)}"
        info = {"url": url, "accessToken": self.access.token(url, user)}
        return Datum(json.dumps(info), "json")

    async def deliver(self, binding: Binding, datum: Datum) -> None:
        """Carry out one message or group action, or each of an array; raises InvocationError for a wrong shape."""
        document = parse_json(datum)
        hub = self._hubs[self._hub_name(binding)]
        for item in document if isinstance(document, list) else [document]:
            if not isinstance(item, dict):
                raise InvocationError("a SignalR message must be a JSON object")
            _carry_out(hub, {key.lower(): value for key, value in item.items()})

    def _hub_name(self, binding: Binding) -> str:
        return resolve(binding.text("hubName"), self._environ, f"binding {binding.name}").lower()

    def _address(self, headers: Mapping[str, str]) -> str:
        """Return the address by which the client reached us; ours if it came by a proxy on another port."""
        host = headers.get("host", "")
        return host if host.endswith(f":{self._port}") else f"127.0.0.1:{self._port}"


def _header(expression: str, headers: Mapping[str, str]) -> str:
    """`headers.x-…`; an absent header fails the binding, as in the real host."""
    scope, _, name = expression.partition(".")
    if scope.lower() != "headers" or name.lower() not in headers:
        raise InvocationError(f"binding expression '{{{expression}}}' has no value")
    return headers[name.lower()]


def _carry_out(hub: Hub, item: Mapping[str, Json]) -> None:
    connection, user, group = (_text(item, key) for key in ("connectionid", "userid", "groupname"))
    action = _text(item, "action").lower()
    if action:
        _group_action(hub, action, group, connection, user)
        return
    arguments = item.get("arguments")
    if not _text(item, "target") or not isinstance(arguments, list):
        raise InvocationError("a SignalR message needs 'target' and 'arguments'")
    hub.send(invocation(_text(item, "target"), arguments), connection=connection, user=user, group=group)


def _group_action(hub: Hub, action: str, group: str, connection: str, user: str) -> None:
    if not (connection or user) or (not group and action != "removeall"):
        raise InvocationError("a SignalR group action needs 'groupName' and 'userId' or 'connectionId'")
    if action == "add":
        hub.add(group, connection=connection, user=user)
    elif action in ("remove", "removeall"):
        hub.remove("" if action == "removeall" else group, connection=connection, user=user)
    else:
        raise InvocationError(f"unknown SignalR group action '{action}'")


def _text(item: Mapping[str, Json], key: str) -> str:
    value = item.get(key)
    return value if isinstance(value, str) else ""
