"""Triggers and bindings: parse, call one use case, answer. No rule of the business, no client of a service."""
