"""The plain classes that azure-functions-runtime asks for in place of its gRPC messages.

The names and fields are those of FunctionRpc.proto (Azure/azure-functions-language-worker-protobuf).
"""

from types import SimpleNamespace


class BindingInfo(SimpleNamespace):
    """One binding of a function; the runtime compares `direction` with these values."""

    # `in` of the .proto file is 0; the name is a Python keyword
    out = 1
    inout = 2
    undefined = 0


class StatusResult(SimpleNamespace):
    """Outcome of a request to the worker."""

    Failure = 0
    Success = 1


class WorkerInitResponse(SimpleNamespace):
    """Answer of `worker_init_request`: `result`, `capabilities`, `worker_metadata`."""


class WorkerMetadata(SimpleNamespace):
    """Name and version of the worker."""


class RpcException(SimpleNamespace):
    """An exception as `message` and `stack_trace`."""


class RpcFunctionMetadata(SimpleNamespace):
    """An indexed function: `name`, `function_id`, `raw_bindings` (JSON strings)."""


class RpcRetryOptions(SimpleNamespace):
    """A function's retry policy; this host has none."""


class FunctionMetadataResponse(SimpleNamespace):
    """Answer of `functions_metadata_request`: `function_metadata_results`."""
