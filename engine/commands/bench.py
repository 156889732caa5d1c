"""`unnoise bench`: ours against transformers' own, side by side, ending in one JSON line."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from engine.commands.console.flags import InputError, add_source, positive
from engine.model.folder.checkpoint import LoadError
from engine.values.settings import DEVICES


def add(commands: Any) -> None:
    bench = commands.add_parser("bench", help="measure, side by side, and end in one JSON line")
    which = bench.add_subparsers(required=True, metavar="WHAT")
    readout = which.add_parser("readout", help="our readout against transformers', at the size of the 26B model")
    readout.set_defaults(work=_readout)
    step = which.add_parser("step", help="our whole step against generate()'s")
    add_source(step)
    step.set_defaults(work=_step)
    experts = which.add_parser("experts", help="a layer's experts in 4 bits against transformers' whole ones")
    experts.add_argument(
        "--rounds", type=positive, default=5, metavar="N", help="turns, of which the median counts: 5"
    )
    sweep = "compare the tilings of our kernel instead, and say the best"
    experts.add_argument("--sweep", action="store_true", help=sweep)
    limit = "seconds after which no further tiling is tried: 60"
    experts.add_argument("--seconds", type=positive, default=60, metavar="N", help=limit)
    experts.set_defaults(work=_experts)
    _add_attention(which)
    _add_model(which)
    race = which.add_parser("race", help="a canvas against as many tokens one by one, also of random weights")
    _add_made(race)
    race.add_argument("--steps", type=positive, default=16, metavar="N", help="steps of the canvas: 16")
    race.add_argument("--context", type=positive, default=128, metavar="N", help="tokens before it: 128")
    race.set_defaults(work=_race)


def _add_attention(which: Any) -> None:
    attention = which.add_parser("attention", help="torch's backends for the attention of the 26B model's layers")
    text = "tokens before the canvas: 1024 8192"
    attention.add_argument("--contexts", nargs="+", type=positive, default=[1024, 8192], metavar="N", help=text)
    text = "turns, of which the median counts: 5"
    attention.add_argument("--rounds", type=positive, default=5, metavar="N", help=text)
    attention.set_defaults(work=_attention)


def _add_made(model: Any) -> None:
    """Which model, of random weights if none is named."""
    text = "a folder, a hub id, or embedded (default: the published 26B configuration with random weights)"
    add_source(model, text)
    model.add_argument("--precision", choices=("full", "int4"), default="auto", help="default: full if that fits")
    model.add_argument(
        "--device",
        choices=[place for place in DEVICES if place != "split"],
        default="auto",
        help="default: the fastest that is there",
    )


def _add_model(which: Any) -> None:
    model = which.add_parser("model", help="whole canvases: by part, against generate() and against the device")
    _add_made(model)
    add = {"nargs": "+", "type": positive, "metavar": "N"}
    model.add_argument("--steps", default=[12, 16, 20, 48], help="steps a canvas: 12 16 20 48", **add)
    model.add_argument("--contexts", default=[1024, 8192], help="tokens before the canvas: 1024 8192", **add)
    model.add_argument(
        "--repeat", type=positive, default=3, metavar="N", help="turns, of which the median counts: 3"
    )
    model.set_defaults(work=_model)


def _readout(options: argparse.Namespace) -> int:
    from engine.bench import readout

    print(json.dumps(readout.measure()))
    return 0


def _step(options: argparse.Namespace) -> int:
    from engine.bench import step

    try:
        print(json.dumps(step.measure(options.model)))
    except LoadError as error:
        raise InputError(str(error)) from error
    return 0


def _experts(options: argparse.Namespace) -> int:
    from engine.bench import experts

    if not options.sweep:
        print(json.dumps(experts.measure(rounds=options.rounds)))
        return 0
    try:
        print(json.dumps(experts.sweep(rounds=options.rounds, seconds=options.seconds)))
    except ValueError as error:
        raise InputError(str(error)) from error
    return 0


def _attention(options: argparse.Namespace) -> int:
    from engine.bench import attention

    print(json.dumps(attention.measure(contexts=options.contexts, rounds=options.rounds)))
    return 0


def _say(line: str) -> None:
    """Progress goes to stderr: stdout is for the one line."""
    print(line, file=sys.stderr, flush=True)


def _race(options: argparse.Namespace) -> int:
    from engine.bench import race

    given = (options.model, options.precision, options.device, options.steps, options.context, _say)
    try:
        print(json.dumps(race.measure(*given)))
    except LoadError as error:
        raise InputError(str(error)) from error
    return 0


def _model(options: argparse.Namespace) -> int:
    from engine.bench import model

    given = (options.steps, options.contexts, options.repeat)
    try:
        print(json.dumps(model.measure(options.model, options.precision, options.device, *given, _say)))
    except (LoadError, ValueError) as error:
        raise InputError(str(error)) from error
    return 0
