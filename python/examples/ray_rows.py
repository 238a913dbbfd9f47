"""One sample, faster by several machines: the rows of each call are spread over Ray actors.

    pip install ray
    python examples/ray_rows.py [--actors 1,2,4] [--milliseconds 20] [--kill]

Rows of a call are independent, so any number of workers may share them, and the sample is the same to the bit. Without a cluster this
starts one here, of processes; with RAY_ADDRESS set it uses that one. The model stands for a network of which a row takes so many
milliseconds. An actor that dies in mid-call is replaced, and its rows are asked again; --kill shows it.

It pays where a row takes longer than the way to an actor and back, and with more actors than the evaluations that a step costs (two or
three): with fewer, every actor has more rows to compute than the plain sampler's one.
"""

import argparse
import time

import numpy as np
import ray
from ray.exceptions import RayActorError
from speculative_diffusion import Sampler

SHAPE, STEPS = (3, 32, 32), 100


@ray.remote(num_cpus=0)
class Worker:
    """Holds the model, once; evaluates some rows."""

    def __init__(self, milliseconds):
        self._seconds = milliseconds / 1000

    def evaluate(self, x, t):
        time.sleep(self._seconds * len(x))
        return np.tanh(np.float32(1.5) * x)

    def die(self):
        import os

        os._exit(1)


class Cluster:
    """A model whose rows are evaluated by actors."""

    def __init__(self, actors, milliseconds):
        self._milliseconds = milliseconds
        self._workers = [Worker.remote(milliseconds) for _ in range(actors)]
        self.replaced = 0

    def __call__(self, x, t):
        parts = [part for part in np.array_split(np.arange(len(x)), len(self._workers)) if len(part)]
        asked = [(i, part, self._ask(i, x, t, part)) for i, part in enumerate(parts)]
        output = np.empty_like(x)
        for i, part, answer in asked:
            while True:
                try:
                    output[part] = ray.get(answer)
                    break
                except RayActorError:
                    # the actor is gone: another one, and the same rows
                    self._workers[i] = Worker.remote(self._milliseconds)
                    self.replaced += 1
                    answer = self._ask(i, x, t, part)
        return output

    def _ask(self, i, x, t, part):
        return self._workers[i].evaluate.remote(x[part], t[part])

    def kill(self):
        """Let the last actor die at its next task."""
        self._workers[-1].die.remote()

    def close(self):
        for worker in self._workers:
            ray.kill(worker)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--actors", default="1,2,4,8", help="numbers of actors to try")
    parser.add_argument("--milliseconds", type=float, default=20.0, help="what a row takes")
    parser.add_argument("--kill", action="store_true", help="let an actor die in the middle of each run")
    options = parser.parse_args()
    ray.init(include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    print(f"a row takes {options.milliseconds:g} ms; {STEPS} steps\n")
    print("| sampler | actors | calls | rows | seconds | replaced |\n|---|---|---|---|---|---|")
    one = Cluster(1, options.milliseconds)
    one(np.zeros((1, *SHAPE), dtype=np.float32), np.zeros(1))
    began = time.perf_counter()
    out = Sampler.cosine(STEPS).sample(one, SHAPE, seed=7, plain=True)
    print(f"| plain | 1 | {out.calls} | {out.rows} | {time.perf_counter() - began:.2f} | 0 |", flush=True)
    one.close()
    bits = None
    for actors in map(int, options.actors.split(",")):
        cluster = Cluster(actors, options.milliseconds)
        # the actors have to start first
        cluster(np.zeros((actors, *SHAPE), dtype=np.float32), np.zeros(actors))
        # the same window for all, so that the samples can be compared
        sampler = Sampler.cosine(STEPS, window=16)
        killed = []

        def watch(progress, cluster=cluster, killed=killed):
            if options.kill and progress.level > STEPS // 2 and not killed:
                killed.append(cluster.kill())

        began = time.perf_counter()
        out = sampler.sample(cluster, SHAPE, seed=7, on_round=watch)
        seconds = time.perf_counter() - began
        print(f"| speculative | {actors} | {out.calls} | {out.rows} | {seconds:.2f} | {cluster.replaced} |", flush=True)
        assert bits is None or np.array_equal(bits, out.sample), "the sample depends on the actors"
        bits = out.sample
        cluster.close()
    print("\nthe same sample to the bit for all")
    ray.shutdown()


if __name__ == "__main__":
    main()
