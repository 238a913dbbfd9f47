"""Reference outputs of the shipped networks, computed in f64 by an implementation of its own.

    pip install numpy cbor2 && python3 unet/tests/reference.py

Reads the weights in assets/ and writes unet/tests/golden/networks.json. Shares no code with the crate: it was written
from the description of the network, so that an error in one would not hide in the other.
"""

import json
import math
import pathlib
import struct

import cbor2
import numpy as np

GROUPS, HEADS = 8, 4
HERE = pathlib.Path(__file__).resolve().parent
ASSETS = HERE.parents[1] / "assets"


def burnpack(path):
    data = open(path, "rb").read()
    magic, version, size = struct.unpack("<IHI", data[:10])
    assert magic == 0x4255524E and version == 1
    start = (10 + size + 255) // 256 * 256
    tensors = {}
    for name, entry in cbor2.loads(data[10 : 10 + size])["tensors"].items():
        first, last = entry["data_offsets"]
        values = np.frombuffer(data[start + first : start + last], dtype="<f2").astype(np.float64)
        tensors[name] = values.reshape([int(n) for n in entry["shape"]])
    return tensors


def silu(x):
    return x / (1 + np.exp(-x))


class Network:
    def __init__(self, path, patch):
        self.w = burnpack(path)
        self.patch = patch

    def linear(self, name, x):
        y = x @ self.w[name + ".weight"]
        return y + self.w[name + ".bias"] if name + ".bias" in self.w else y

    def conv(self, name, x, stride=1):
        kernel = self.w[name + ".weight"]
        pad = kernel.shape[2] // 2
        padded = np.pad(x, ((0, 0), (pad, pad), (pad, pad)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape[2:], axis=(1, 2))
        windows = windows[:, ::stride, ::stride]
        y = np.einsum("chwij,ocij->ohw", windows, kernel)
        return y + self.w[name + ".bias"][:, None, None]

    def norm(self, name, x):
        grouped = x.reshape(GROUPS, -1)
        centred = grouped - grouped.mean(1, keepdims=True)
        normed = centred / np.sqrt((centred**2).mean(1, keepdims=True) + 1e-5)
        gamma, beta = self.w[name + ".gamma"], self.w[name + ".beta"]
        return normed.reshape(x.shape) * gamma[:, None, None] + beta[:, None, None]

    def block(self, name, x, embedding):
        h = self.conv(name + ".conv1", silu(self.norm(name + ".norm1", x)))
        scale, shift = np.split(self.linear(name + ".embed", embedding)[:, None, None], 2)
        h = self.conv(name + ".conv2", silu(self.norm(name + ".norm2", h) * (1 + scale) + shift))
        return h + (self.conv(name + ".skip", x) if name + ".skip.weight" in self.w else x)

    def attention(self, x):
        channels, height, width = x.shape
        qkv = self.conv("attention.query_key_value", self.norm("attention.norm", x))
        query, key, value = qkv.reshape(3, HEADS, channels // HEADS, height * width)
        scores = np.einsum("hdq,hdk->hqk", query, key) / math.sqrt(channels // HEADS)
        weights = np.exp(scores - scores.max(2, keepdims=True))
        weights /= weights.sum(2, keepdims=True)
        y = np.einsum("hqk,hdk->hdq", weights, value).reshape(x.shape)
        return x + self.conv("attention.output", y)

    def velocity(self, x, t, label):
        half = self.w["time1.weight"].shape[0] // 2
        angles = 1000 * t * np.exp(-math.log(10000) * np.arange(half) / half)
        features = np.concatenate([np.sin(angles), np.cos(angles)])
        time = self.linear("time2", silu(self.linear("time1", features)))
        embedding = silu(time + self.w["label.weight"][label])

        channels, size, p = x.shape[0], x.shape[1], self.patch
        levels = sum(name.startswith("down.") and name.endswith("conv1.bias") for name in self.w)
        if p > 1:
            # pixel (i, j) of patch (a, b) is channel (c, i, j) at (a, b); zeros on the right and below
            x = np.stack([x[c, i::p, j::p] for c in range(channels) for i in range(p) for j in range(p)])
            margin = -x.shape[1] % 2 ** (levels - 1)
            x = np.pad(x, ((0, 0), (0, margin), (0, margin)))
        h = self.conv("input", x)
        skips = [h]
        for level in range(levels):
            h = self.block(f"down.{level}", h, embedding)
            skips.append(h)
            if level < levels - 1:
                h = self.conv(f"downsample.{level}", h, stride=2)
                skips.append(h)
        h = self.block("middle1", h, embedding)
        h = self.attention(h)
        h = self.block("middle2", h, embedding)
        for level in range(levels):
            for part in range(2):
                h = self.block(f"up.{2 * level + part}", np.concatenate([h, skips.pop()]), embedding)
            if level < levels - 1:
                h = self.conv(f"upsample.{level}", h.repeat(2, 1).repeat(2, 2))
        h = self.conv("output", silu(self.norm("norm", h)))
        if p == 1:
            return h
        pixels = np.zeros((h.shape[0] // p**2, size, size))
        for i in range(p):
            for j in range(p):
                pixels[:, i::p, j::p] = h[i * p + j :: p**2, : size // p, : size // p]
        return self.conv("refine", silu(pixels))


def reference(name):
    sidecar = json.load(open(ASSETS / f"{name}.json"))
    shape = sidecar["network"]
    network = Network(ASSETS / f"{name}.bpk", shape.get("patch", 1))
    random = np.random.default_rng(5)
    cases = []
    for i, (label, t) in enumerate(zip((shape["classes"] + ["any"])[-5:], [0.995, 0.7, 0.5, 0.2, 0.05])):
        # three decimals: short in the file, exact in f32 to what matters
        state = np.round(random.standard_normal((shape["channels"], shape["size"], shape["size"])), 3)
        velocity = network.velocity(state, t, len(shape["classes"]) - 4 + i)
        alpha, sigma = math.cos(math.pi * t / 2), math.sin(math.pi * t / 2)
        x0hat = alpha * state - sigma * velocity
        flat = lambda array, digits: [round(float(x), digits) for x in array.ravel()]
        cases.append({"class": label, "t": t, "state": flat(state, 3), "prediction": flat(x0hat, 6)})
    return {"weights": sidecar["sha256"], "cases": cases}


def main():
    names = sorted(path.stem for path in ASSETS.glob("*.bpk"))
    with open(HERE / "golden" / "networks.json", "w") as file:
        json.dump({name: reference(name) for name in names}, file)
        file.write("\n")


main()
