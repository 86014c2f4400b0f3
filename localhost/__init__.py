"""The local Functions host: runs the app on one machine without Azure. Never deployed.

`python -m localhost` starts Azurite and serves the app; `localhost.azurite.Azurite` and
`localhost.process.HostProcess` do the same for tests and the demo. See docs/localhost.md.
"""
