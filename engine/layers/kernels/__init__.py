"""The array work behind the layers over images and sequences: sliding windows, products, sums.

Settings and shapes are the layers' concern; here are arrays only.
"""
