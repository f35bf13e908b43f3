"""How operations are read, limited and executed."""

from graph.execution.columns import columnwise
from graph.execution.edges import edge
from graph.execution.guards import Guard
from graph.execution.limits import Cost, Limits
from graph.execution.loader import Loader
from graph.execution.schema import Schema

__all__ = ["Cost", "Guard", "Limits", "Loader", "Schema", "columnwise", "edge"]
