"""Who pays for and looks after a failing resource, from its labels or by rules on its name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from rca.domain.failure import Failure
from rca.domain.vocabulary import Source
from rca.errors import RcaError

_FIELDS: Final = ("team", "owner", "cost_center")
_RULE_KEYS: Final = frozenset({*_FIELDS, "source", "resource", "labels"})
_LONGEST_VALUE: Final = 200
_LONGEST_NAME: Final = 1_000
"""Characters of a name or label that rules look at; names come from outside and can be of any length."""


class FinOpsRulesError(RcaError):
    """A rule file can't be used; the message names the rule, the field and what is wrong with it."""

    title = "Unusable FinOps rules"


@dataclass(frozen=True, slots=True)
class Owner:
    """Team, owner's address and cost centre of a resource; empty where unknown."""

    team: str
    owner: str
    cost_center: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Applies where the source and every expression fit; what it leaves out comes from the default.

    Expressions are searched in the name, not anchored, and ignore case.
    """

    source: Source | None = None
    resource: re.Pattern[str] | None = None
    labels: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    values: Mapping[str, str]

    def fits(self, failure: Failure) -> bool:
        """Whether the rule speaks of this failure's resource."""
        if self.source is not None and failure.source is not self.source:
            return False
        if self.resource is not None and not self.resource.search(failure.resource[:_LONGEST_NAME]):
            return False
        return all(
            label in failure.labels and expression.search(failure.labels[label][:_LONGEST_NAME])
            for label, expression in self.labels.items()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FinOpsRules:
    """Rules in order, the first that fits wins; `default` fills what it leaves out."""

    default: Owner = field(default_factory=lambda: Owner("Unassigned", "", ""))
    rules: tuple[Rule, ...] = ()

    def owner_of(self, failure: Failure) -> Owner:
        """Find who owns the failing resource: its own labels win, then the first rule that fits."""
        values: Mapping[str, str] = next((rule.values for rule in self.rules if rule.fits(failure)), {})
        default = {name: getattr(self.default, name) for name in _FIELDS}
        labels = {name: _label(failure.labels, name) for name in _FIELDS}
        named = {name: value for name, value in labels.items() if value}
        return Owner(**{**default, **values, **named})


def load_rules(text: str) -> FinOpsRules:
    """Read rules from YAML text, see `config/finops.yaml`; raises `FinOpsRulesError`."""
    import yaml  # only where rules are read: it is no part of a cold start's path

    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise FinOpsRulesError(f"finops rules: not valid YAML: {error}") from error
    if document is None:
        return FinOpsRules()
    document = _mapping(document, "the document", frozenset({"default", "rules"}))
    rules = document.get("rules") or []
    if not isinstance(rules, list):
        raise FinOpsRulesError("finops rules: `rules` must be a list")
    default = _mapping(document.get("default") or {}, "`default`", frozenset(_FIELDS))
    values = dict.fromkeys(_FIELDS, "") | {"team": "Unassigned"} | _values(default, "`default`")
    return FinOpsRules(
        default=Owner(**values),
        rules=tuple(_rule(entry, f"rule {number}") for number, entry in enumerate(rules, start=1)),
    )


def _label(labels: Mapping[str, str], name: str) -> str:
    return labels.get(name, "").strip()[:_LONGEST_VALUE]


def _rule(entry: object, where: str) -> Rule:
    rule = _mapping(entry, where, _RULE_KEYS)
    values = _values({key: value for key, value in rule.items() if key in _FIELDS}, where)
    if not values:
        raise FinOpsRulesError(f"finops rules: {where} names neither team, owner nor cost_center")
    labels = _mapping(rule.get("labels") or {}, f"{where}, `labels`", None)
    resource = rule.get("resource")
    if resource is None and not labels and "source" not in rule:
        raise FinOpsRulesError(f"finops rules: {where} needs `resource`, `labels` or `source`; see `default`")
    return Rule(
        source=_source(rule.get("source"), where),
        resource=None if resource is None else _expression(resource, f"{where}, `resource`"),
        labels={key: _expression(value, f"{where}, label `{key}`") for key, value in labels.items()},
        values=values,
    )


def _mapping(value: object, where: str, known: frozenset[str] | None) -> dict[str, object]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise FinOpsRulesError(f"finops rules: {where} must be a mapping of names to values")
    unknown = sorted(set(value) - known) if known is not None else []
    if unknown:
        names = ", ".join(sorted(known or ()))
        raise FinOpsRulesError(f"finops rules: {where} has unknown {', '.join(unknown)}; known are {names}")
    return value


def _values(entry: Mapping[str, object], where: str) -> dict[str, str]:
    for name, value in entry.items():
        if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_VALUE:
            raise FinOpsRulesError(
                f"finops rules: {where}, `{name}` must be a text of 1 to {_LONGEST_VALUE} characters"
            )
    return {name: str(value).strip() for name, value in entry.items()}


def _source(value: object, where: str) -> Source | None:
    if value is None:
        return None
    try:
        return Source(str(value))
    except ValueError as error:
        known = ", ".join(Source)
        raise FinOpsRulesError(f"finops rules: {where}, `source` must be one of {known}") from error


def _expression(value: object, where: str) -> re.Pattern[str]:
    if not isinstance(value, str) or not value:
        raise FinOpsRulesError(f"finops rules: {where} must be a regular expression in quotes")
    try:
        return re.compile(value, re.IGNORECASE)
    except re.error as error:
        raise FinOpsRulesError(f"finops rules: {where} is not a regular expression: {error}") from error
