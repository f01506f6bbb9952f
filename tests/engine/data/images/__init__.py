"""Tests of engine.data.images."""
