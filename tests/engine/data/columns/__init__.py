"""Tests of engine.data.columns."""
