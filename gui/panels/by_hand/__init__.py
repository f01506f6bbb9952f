"""Panels of data made by hand: points that are drawn, tables that are typed in."""
