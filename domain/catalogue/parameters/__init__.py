"""The parameters, each defined once: the same name means the same thing for every algorithm."""
