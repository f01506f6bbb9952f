"""Tests of engine.data.encoders."""
