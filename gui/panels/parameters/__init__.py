"""The parameters of a layer, as a table of numbers that can be typed and pasted."""
