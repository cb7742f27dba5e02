"""How often somebody may try (rule J8): a bucket of tries for each key, in this process alone."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

MOST_KEYS = 10_000


class Limits:
    """`size` tries at once, and `size` more in each `per_seconds`, for each key.

    At most `most_keys` are remembered; beyond that the one that tried longest ago is forgotten, and begins anew.
    """

    def __init__(self, size: int, per_seconds: float, most_keys: int = MOST_KEYS) -> None:
        self._size, self._rate, self._most = float(size), size / per_seconds, most_keys
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def allows(self, key: str, at: float) -> bool:
        """Whether one more try is allowed at a time in seconds, which counts it. A time that runs backwards adds none."""
        with self._lock:
            left, since = self._buckets.pop(key, (self._size, at))
            left = min(self._size, left + max(0.0, at - since) * self._rate)
            allowed = left >= 1
            self._buckets[key] = (left - 1 if allowed else left, max(at, since))
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
            return allowed
