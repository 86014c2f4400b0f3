"""What can stop an evaluation."""


class EvalError(Exception):
    """The evaluation can't run or its result can't be used; the text says why."""


class CaseError(EvalError):
    """A case is not usable; names file, case and field, and never repeats the case's text."""

    def __init__(self, file: str, case: str, field: str, problem: str) -> None:
        super().__init__(f"{file}: case {case}: {field}: {problem}")
        self.file, self.case, self.field = file, case, field


class TextError(EvalError):
    """A labelled text is not usable; names file, line and field, and never repeats the text."""

    def __init__(self, file: str, line: int, field: str, problem: str) -> None:
        super().__init__(f"{file}: line {line}: {field}: {problem}")
        self.file, self.line, self.field = file, line, field


class PublishError(EvalError):
    """The run is not fit to be published."""
