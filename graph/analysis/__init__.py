"""Accounts measured for any period, as clients see it."""
