"""The report of an evaluation: one page that says all of it to somebody who was not there."""
