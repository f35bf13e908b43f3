"""The front door: settings, wiring, command line, ASGI app, embedded servers."""
