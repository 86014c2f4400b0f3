"""A SignalR service emulator: serverless negotiate, JSON hub protocol over WebSockets, sends from output bindings.

Enough for the official `@microsoft/signalr` client. Specifications: dotnet/aspnetcore
src/SignalR/docs/specs/HubProtocol.md and TransportProtocols.md.
"""
