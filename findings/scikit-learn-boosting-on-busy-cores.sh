#!/bin/sh
# scikit-learn 1.9.1, HistGradientBoosting: on a machine whose cores are busy, a small table takes many times as long.
#
# Each split of each tree is an OpenMP loop over all cores. Where other work (a training run, say) has these cores,
# the threads wait for each other at the end of every such loop, thousands of times for a few hundred rows, and
# waiting costs a time slice. With one thread there is nothing to wait for. n_jobs does not exist for it; what
# helps is threadpool_limits(1, "openmp") around `fit`, in the same thread.
# Seen: 278 rows of 9 columns take 0.1 s with one thread, and several seconds beside one busy process per core.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check scikit-learn==1.9.1 numpy==2.4.6
cat > "$folder/busy.py" <<'PYTHON'
import multiprocessing
import os
import time

import numpy as np
import sklearn
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits


def keep_busy():
    while True:
        pass


def seconds(threads):
    draws = np.random.default_rng(0)
    x = draws.normal(size=(278, 9))
    y = x[:, 0] + draws.normal(size=278)
    began = time.perf_counter()
    with threadpool_limits(threads, "openmp"):
        HistGradientBoostingRegressor(max_iter=100, early_stopping=False).fit(x, y)
    return time.perf_counter() - began


if __name__ == "__main__":
    assert sklearn.__version__ == "1.9.1", sklearn.__version__
    cores = len(os.sched_getaffinity(0))
    assert cores > 1, "with one core there is only one thread"
    seconds(1)
    others = [multiprocessing.Process(target=keep_busy, daemon=True) for _ in range(cores)]
    for other in others:
        other.start()
    one, all_of_them = min(seconds(1) for _ in range(3)), min(seconds(None) for _ in range(3))
    for other in others:
        other.terminate()
    print(f"one thread: {one:.2f} s; a thread for each of {cores} cores: {all_of_them:.2f} s")
    assert all_of_them > 3 * one, "threads no longer wait for each other that long"
PYTHON
"$folder/venv/bin/python" "$folder/busy.py"
echo "scikit-learn 1.9.1 boosts small tables many times slower with threads on busy cores."
