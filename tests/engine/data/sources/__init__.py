"""Tests of engine.data.sources."""
