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
from threading import Thread

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

    def __init__(self, pairs: Pairs, preset, processes: int):
        spawn = multiprocessing.get_context("spawn")  # a fork would take CUDA's state along
        self.preset, self.step, self.sent = preset, spawn.Value("q", 0), False
        self.queues = [spawn.Queue(AHEAD) for _ in range(processes)]
        self.orders, theirs = zip(*(spawn.Pipe() for _ in range(processes)), strict=True)
        given = zip(range(processes), theirs, self.queues, strict=True)
        self.processes = [
            spawn.Process(target=_work, args=(pairs, preset, at, processes, order, queue, self.step), daemon=True)
            for at, order, queue in given
        ]
        for process in self.processes:
            process.start()

    def batches(self, tokenizer, pools: Pools) -> Iterator[Batch]:
        """Batches for ever. `pools` gets every pool, as of `stream`."""
        core = tokenizer.backend_tokenizer.to_str()
        for order in self.orders:  # before anything else, not only when the first batch is asked for
            order.send(core)
        return self._batches(pools)

    def _batches(self, pools: Pools) -> Iterator[Batch]:
        for pool in count():
            lesson, step, groups = self._next(pool)
            pools.append((lesson, step))
            for _ in range(groups):
                arrays = self._next(pool)
                yield Batch(*map(torch.from_numpy, arrays))

    def follow(self, step: int, own: Sequence[Pair]):
        """Draw pools for `step` from now on. Once there are answers of its `own` the processes get them, whenever
        they are ready: until then they may wait for their batches to be fetched."""
        part, _ = self.preset.part(step)
        if part.own and not self.sent:
            self.sent = True
            for order in self.orders:
                Thread(target=order.send, args=(list(own),), daemon=True).start()
        self.step.value = step

    def _next(self, pool: int):
        at = pool % len(self.queues)
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


def _work(pairs: Pairs, preset, first: int, stride: int, order, queue, step):
    """One process: every `stride`-th pool from `first` on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the process that learns, which ends this one
    torch.set_num_threads(1)
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # the other cores have processes of their own
    tokenizer = wrap(Tokenizer.from_str(order.recv()))
    own = None
    for pool in count(first, stride):
        at = step.value
        if own is None and preset.part(at)[0].own:
            own = order.recv()
        lesson, groups = draw(tokenizer, pairs, preset, pool, at, own or ())
        queue.put((lesson, at, len(groups)))
        for turn, examples in enumerate(groups):
            batch = collate(examples, preset.causal, random.Random(f"{preset.seed}/{pool}/{turn}/order"))
            queue.put([getattr(batch, field.name).numpy() for field in fields(batch)])
