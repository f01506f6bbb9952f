import numpy as np
from numpy.typing import NDArray

class ColorMap:
    def getLookupTable(self, *, nPts: int, alpha: bool) -> NDArray[np.uint8]: ...

def get(name: str) -> ColorMap: ...
