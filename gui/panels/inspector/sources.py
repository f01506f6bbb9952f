"""What the inspector asks of the engine, in one place."""

from engine.insight.trace.derive import derivation
from engine.insight.trace.recording import TraceQuery

__all__ = ["TraceQuery", "derivation"]
