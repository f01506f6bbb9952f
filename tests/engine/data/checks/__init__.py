"""Tests of engine.data.checks."""
