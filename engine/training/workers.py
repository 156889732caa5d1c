"""Batches made by processes of their own, so that a card that learns never waits for text.

Pools are drawn in turn: of n processes the first draws pool 0, n, 2n .. and their batches come in the order of the
pools, whoever is faster. Only the lesson of a pool depends on time: it is that of the step the run is at.
"""

import multiprocessing
import os
import random
import signal
from collections.abc import Iterator, Sequence
from dataclasses import fields
from itertools import count
from queue import Empty

import torch
from tokenizers import Tokenizer

from engine.training.batches import Batch, Pair, Pairs, Pools, collate, draw
from engine.training.tokenizer import wrap

AHEAD = 8  # batches that each process may have ready: more of them would be of an old lesson
SPARE = 4  # cores for the process that learns and its threads
MOST = 10  # one makes some 300,000 cells a second


def usable() -> int:
    """How many processes are sensible here."""
    return max(1, min(MOST, (os.cpu_count() or 1) - SPARE))


class Workers:
    """`processes` that make the batches of a preset. Start them early: they import while others do."""

    def __init__(self, pairs: Pairs, preset, processes: int, own: Sequence[Pair] = ()):
        spawn = multiprocessing.get_context("spawn")  # a fork would take CUDA's state along
        self.step = spawn.Value("q", 0)  # of the preset, at which the run is: for it pools are drawn
        self.queues = [spawn.Queue(AHEAD) for _ in range(processes)]
        self.orders, theirs = zip(*(spawn.Pipe() for _ in range(processes)), strict=True)
        given = zip(range(processes), theirs, self.queues, strict=True)
        self.processes = [
            spawn.Process(target=_work, args=(pairs, preset, own, *mine, processes, self.step), daemon=True)
            for mine in given
        ]
        for process in self.processes:
            process.start()

    def batches(self, tokenizer, pools: Pools) -> Iterator[Batch]:
        """Batches for ever. `pools` gets every pool, as of `stream`."""
        core = tokenizer.backend_tokenizer.to_str()
        for order in self.orders:
            order.send((core, len(pools)))
        for turn in count():
            lesson, step, groups = self._next(turn)
            pools.append((lesson, step))
            for _ in range(groups):
                arrays = self._next(turn)
                yield Batch(*map(torch.from_numpy, arrays))

    def _next(self, turn: int):
        at = turn % len(self.queues)
        while True:
            try:
                return self.queues[at].get(timeout=1)
            except Empty:
                if not self.processes[at].is_alive():
                    raise RuntimeError("A process that makes batches has ended: its error stands above.") from None

    def close(self):
        """End the processes."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.join()


def _work(pairs: Pairs, preset, own: Sequence[Pair], first: int, order, queue, stride: int, step):
    """One process: every `stride`-th pool from `first` on, behind those that were drawn before."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the process that learns, which ends this one
    torch.set_num_threads(1)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # the other cores have processes of their own
    core, drawn = order.recv()
    tokenizer = wrap(Tokenizer.from_str(core))
    for pool in count(drawn + first, stride):
        at = step.value
        lesson, groups = draw(tokenizer, pairs, preset, pool, at, own)
        queue.put((lesson, at, len(groups)))
        for turn, examples in enumerate(groups):
            batch = collate(examples, preset.causal, random.Random(f"{preset.seed}/{pool}/{turn}/order"))
            queue.put([getattr(batch, field.name).numpy() for field in fields(batch)])
