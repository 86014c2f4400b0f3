"""What stops the host from starting, said in one line."""


class HostError(Exception):
    """The host can't start or go on; `str(error)` is the one line for the user, `exit_code` the process's."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(" ".join(message.split()))
        self.exit_code = exit_code


class UsageError(HostError):
    """A file or option that the user has to correct (exit code 2)."""

    def __init__(self, message: str) -> None:
        super().__init__(message, exit_code=2)


class InvocationError(Exception):
    """An input or output binding failed, which fails the invocation as in Azure."""
