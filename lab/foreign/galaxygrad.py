"""ONNX models of the galaxies' score networks of Sampson et al. 2024 (arXiv 2401.07313), for `--bin foreign`.

    pip install numpy onnx
    pip download --no-deps galaxygrad==0.1.4
    python3 lab/foreign/galaxygrad.py galaxygrad-0.1.4-py3-none-any.whl target/foreign

writes a folder with model.onnx and scheduler_config.json for each of the networks. The package states no licence, so
neither it nor what is made of it is part of this repository.

The networks are mixers of patches (Tolstikhin et al. 2021) that were trained on log(1 + flux) / 0.1 to return the score
of the variance-preserving process with beta = 1, at times from 0 to 10. Here they are asked at the timesteps of the
usual linear betas, each at the time with its signal, and return noise.
"""

import argparse
import json
import pathlib
import zipfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

NETWORKS = {"hsc_ScoreNet32": 32, "hsc_ScoreNet64": 64, "ZTF_ScoreNet32": 32, "ZTF_ScoreNet64": 64}
PATCH, HIDDEN, BLOCKS, LAST_TIME = 4, 64, 4, 10.0
CONFIG = {
    "_class_name": "DDPMScheduler",
    "beta_schedule": "linear",
    "beta_start": 0.0001,
    "beta_end": 0.02,
    "num_train_timesteps": 1000,
    "prediction_type": "epsilon",
    "clip_sample": False,
}


def leaves(file):
    """The arrays of an equinox file, in the order of the module's fields."""
    found = []
    while True:
        try:
            found.append(np.load(file))
        except EOFError:
            return found


class Graph:
    """ONNX nodes and constants, each named after its place."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, value, kind=np.float32):
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, dtype=kind), name))
        return name

    def add(self, operator, *inputs, **attributes):
        name = f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def normalised(self, x, weight, bias):
        axes = [1, 2]
        centred = self.add("Sub", x, self.add("ReduceMean", x, axes=axes))
        variance = self.add("ReduceMean", self.add("Mul", centred, centred), axes=axes)
        deviation = self.add("Sqrt", self.add("Add", variance, self.constant(1e-5)))
        scaled = self.add("Mul", self.add("Div", centred, deviation), self.constant(weight))
        return self.add("Add", scaled, self.constant(bias))

    def linear(self, x, weight, bias):
        return self.add("Add", self.add("MatMul", x, self.constant(weight.T)), self.constant(bias))

    def perceptron(self, x, weight, bias, second_weight, second_bias):
        return self.linear(self.add("Relu", self.linear(x, weight, bias)), second_weight, second_bias)


def network(arrays, size):
    """The ONNX model of a network of pictures of size x size."""
    patches = (size // PATCH) ** 2
    # the time that an equinox float holds is no array of the network's
    arrays = iter([array for array in arrays if array.ndim])
    take = lambda count: [next(arrays) for _ in range(count)]
    graph = Graph()

    signal = np.cumprod(1 - np.linspace(CONFIG["beta_start"], CONFIG["beta_end"], CONFIG["num_train_timesteps"]))
    at = lambda table: graph.add(
        "Reshape",
        graph.add("Gather", graph.constant(table), "timestep"),
        graph.constant([-1, 1, 1, 1], np.int64),
    )
    plane = graph.add("Mul", at(-np.log(signal) / LAST_TIME), graph.constant(np.ones((1, 1, size, size))))
    y = graph.add("Concat", "sample", plane, axis=1)

    weight, bias, out_weight, out_bias = take(4)
    y = graph.add("Conv", y, graph.constant(weight), graph.constant(bias.ravel()), strides=[PATCH, PATCH])
    y = graph.add("Reshape", y, graph.constant([-1, HIDDEN, patches], np.int64))
    for _ in range(BLOCKS):
        patch_mixer, hidden_mixer, norm, second_norm = take(4), take(4), take(2), take(2)
        y = graph.add("Add", y, graph.perceptron(graph.normalised(y, *norm), *patch_mixer))
        y = graph.add("Transpose", y, perm=[0, 2, 1])
        y = graph.add("Add", y, graph.perceptron(graph.normalised(y, *second_norm), *hidden_mixer))
        y = graph.add("Transpose", y, perm=[0, 2, 1])
    y = graph.normalised(y, *take(2))
    y = graph.add("Reshape", y, graph.constant([-1, HIDDEN, size // PATCH, size // PATCH], np.int64))
    # equinox correlates, ONNX convolves
    out_weight = out_weight[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
    score = graph.add(
        "ConvTranspose",
        y,
        graph.constant(np.ascontiguousarray(out_weight)),
        graph.constant(out_bias.ravel()),
        strides=[PATCH, PATCH],
    )
    assert next(arrays, None) is None, "the network has more arrays than this program knows"
    noise = graph.add("Mul", score, at(-np.sqrt(1 - signal)))
    graph.nodes[-1].output[0] = "noise"

    picture = ["rows", 1, size, size]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "galaxies",
            [
                helper.make_tensor_value_info("sample", TensorProto.FLOAT, picture),
                helper.make_tensor_value_info("timestep", TensorProto.INT64, ["rows"]),
            ],
            [helper.make_tensor_value_info("noise", TensorProto.FLOAT, picture)],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    onnx.checker.check_model(model)
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheel", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    options = parser.parse_args()
    with zipfile.ZipFile(options.wheel) as wheel:
        for name, size in NETWORKS.items():
            with wheel.open(f"galaxygrad/eqx_{name}.eqx") as file:
                model = network(leaves(file), size)
            folder = options.folder / f"galaxies-{name.replace('_ScoreNet', '-').lower()}"
            folder.mkdir(parents=True, exist_ok=True)
            onnx.save(model, folder / "model.onnx")
            (folder / "scheduler_config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")
            print(folder)


if __name__ == "__main__":
    main()
