"""Tests of engine.data.splitting."""
