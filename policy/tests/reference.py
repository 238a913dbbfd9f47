"""Writes golden/reference.json: estimates of the shipped policy by an implementation of its own, in f64 NumPy.

Run by hand after a training, with NumPy and cbor2: python policy/tests/reference.py
"""

import hashlib
import json
import struct
from pathlib import Path

import cbor2
import numpy as np

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = (ROOT / "assets/policy.bpk").read_bytes()
STEPS = 100


def tensors():
    """The tensors of a burnpack file by name, as f64."""
    magic, version, length = struct.unpack_from("<IHI", WEIGHTS)
    assert (magic, version) == (0x4255524E, 1)
    first = -(-(10 + length) // 256) * 256
    found = {}
    for name, entry in cbor2.loads(WEIGHTS[10 : 10 + length])["tensors"].items():
        begin, end = entry["data_offsets"]
        numbers = np.frombuffer(WEIGHTS[first + begin : first + end], "<f2")
        found[name] = numbers.reshape(entry["shape"]).astype(float)
    return found


W = tensors()


def dense(name, x):
    return x @ W[name + ".weight"] + W[name + ".bias"]


def silu(x):
    return x / (1 + np.exp(-x))


def away(p):
    """Distance of a point outside from the T's two rectangles."""
    centre = 285 / 7
    boxes = [(-60, -centre, 60, 30 - centre), (-15, 30 - centre, 15, 120 - centre)]
    return min(np.hypot(p[0] - np.clip(p[0], b[0], b[2]), p[1] - np.clip(p[1], b[1], b[3])) for b in boxes)


def features(seen):
    x, y, vx, vy, gx, gy, cos, sin = seen
    waves = [f(2 * np.pi * q / w) for w in (240, 120, 60) for f in (np.sin, np.cos) for q in (x, y)]
    near = away((x, y))
    told = np.tanh([gx / 20, gy / 20, 5 * sin, (near - 15) / 15, near / 100])
    return np.concatenate([np.array([x, y, vx, vy, gx, gy]) / 100, [cos, sin], waves, told])


def velocity(y, t, seen):
    condition = silu(dense("see2", silu(dense("see1", features(seen)))))
    k = np.pi * (0.5 * np.arange(16) + 0.5) * t
    time = np.concatenate([np.sin(k), np.cos(k)])
    h = dense("input", y)
    for i in range(3):
        block = f"blocks.{i}."
        scale, shift = np.split(dense(block + "condition", condition) + dense(block + "time", time), 2)
        normed = (h - h.mean()) / np.sqrt(h.var() + 1e-5)
        h = h + dense(block + "down", silu(dense(block + "up", normed * (1 + scale) + shift)))
    return dense("output", h)


def main():
    rng = np.random.default_rng(1)
    # the uniform grid of times of the cosine schedule
    chain = np.linspace(0.995, 0.05, STEPS)
    cases = []
    for step in (0, 7, 31, 50, 77, 99):
        t = chain[step]
        alpha, sigma = np.cos(np.pi / 2 * t), np.sin(np.pi / 2 * t)
        angle = rng.uniform(-3, 3)
        hand = rng.uniform(80, 120) * np.array([np.cos(angle), np.sin(angle)])
        turn = rng.uniform(-3, 3)
        seen = [*hand, *rng.normal(0, 50, 2), *rng.normal(0, 100, 2), np.cos(turn), np.sin(turn)]
        y = rng.normal(size=32)
        estimate = alpha * y - sigma * velocity(y, t, seen)
        cases.append({"step": step, "seen": list(map(float, seen)), "state": y.tolist(), "estimate": estimate.tolist()})
    golden = {"sha256": hashlib.sha256(WEIGHTS).hexdigest(), "cases": cases}
    (ROOT / "policy/tests/golden/reference.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
