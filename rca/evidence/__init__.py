"""Asks the platforms what happened: one module an adapter, run side by side by `gather`.

To add an adapter, write a module with a `build(settings, tools)` and name it in `registry`.
"""
