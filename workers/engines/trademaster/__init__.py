"""The engine elsewhere: a TradeMaster service that trains, tests and labels for us over HTTP.

It has no stop, no list, no sign-in and no lock, says errors with HTTP 200 and loses its sessions when it restarts. What
it lacks is made up for here; docs/trademaster.md tells people what remains.
"""
