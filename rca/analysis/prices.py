"""What models cost: `config/llm-prices.yaml`, US dollars per million tokens."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rca.errors import RcaError

type Dollars = Annotated[float, Field(ge=0, le=10_000)]


class PricesError(RcaError):
    """The file can't be used; the message names the field."""

    title = "Unusable price table"


class Price(BaseModel):
    """Dollars per million tokens; hidden reasoning counts as output."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: Dollars
    output: Dollars


class Prices(BaseModel):
    """Prices by model; a name stands for all models that begin with it, the longest such name wins."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    models: dict[str, Price] = Field(default_factory=dict)

    def cost(self, model: str, prompt_tokens: int, completion_tokens: int) -> int | None:
        """Estimate a call's cost in millionths of a dollar; None for a model that is not listed."""
        bare = model.removeprefix("models/")
        names = [name for name in self.models if bare.startswith(name)]
        if not names:
            return None
        price = self.models[max(names, key=len)]
        return round(prompt_tokens * price.input + completion_tokens * price.output)

    @classmethod
    def read(cls, text: str) -> Self:
        """Read YAML text; raises PricesError."""
        import yaml  # no part of a cold start's path

        try:
            return cls.model_validate(yaml.safe_load(text) or {})
        except yaml.YAMLError as error:
            raise PricesError(f"prices: not valid YAML: {error}") from error
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            raise PricesError(f"prices: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
