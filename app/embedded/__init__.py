"""The database and the broker that the platform brings along: real servers out of wheels, run as children."""
