"""Tests of engine.data.delimited."""
