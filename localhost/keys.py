"""Function keys (`--auth`): who may call what, as the real host decides it."""

import hmac
from collections.abc import Mapping

from localhost.errors import HostError
from localhost.functions import Function

KEY_SETTING = "LOCALHOST_FUNCTION_KEY"


class Keys:
    """Checks `x-functions-key`, then `?code=`, against LOCALHOST_FUNCTION_KEY.

    `LOCALHOST_FUNCTION_KEY__<function>` is a key that opens this function alone. Off: everything is open, as with
    `func start`.
    """

    def __init__(self, enforced: bool, environ: Mapping[str, str]) -> None:
        self._enforced = enforced
        self._host_key = environ.get(KEY_SETTING, "")
        self._function_keys = {
            name.removeprefix(KEY_SETTING + "__").lower(): value
            for name, value in environ.items()
            if name.startswith(KEY_SETTING + "__") and value
        }
        if enforced and not self._host_key:
            raise HostError(f"--auth needs {KEY_SETTING} in local.settings.json")

    def admit(self, function: Function, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
        """Whether the request may call `function`."""
        if not self._enforced or function.trigger.text("authLevel", "function").lower() == "anonymous":
            return True
        own = self._function_keys.get(function.name.lower())
        return self._matches(headers, query, [self._host_key, *([own] if own else [])])

    def admit_admin(self, headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
        """Whether the request may read `/admin`."""
        return not self._enforced or self._matches(headers, query, [self._host_key])

    def _matches(self, headers: Mapping[str, str], query: Mapping[str, str], keys: list[str]) -> bool:
        given = (headers.get("x-functions-key") or query.get("code", "")).encode()
        # a list, so that every key is compared and the time tells nothing
        return True in [hmac.compare_digest(given, key.encode()) for key in keys]
