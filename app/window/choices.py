"""Choices: what the picker shows of a model, made from its plan and this computer. Knows no window, asks nobody."""

from __future__ import annotations

from engine.model.choice.plan import Plan, judge, possible, recommended, size
from engine.model.computer.machine import Machine
from engine.remote.served import Served
from engine.remote.server import NOTE
from engine.remote.wire import is_address
from widgets.choice import FAILED, READY, Choice, Need

ORIGINS = {"embedded": "comes with Unnoise", "folder": "a folder", "cache": "on this computer", "hub": "on the hub"}
TYPES = {"cpu": "float32", "cuda": "bfloat16", "split": "bfloat16", "mps": "bfloat16"}
SHORT = {"full": "Fits", "int4": "Fits with int4 experts", None: "Does not fit"}


def unknown(name: str | None) -> Choice:
    """A model of which nothing is known yet."""
    if name is None:
        return Choice("", "seedling", ORIGINS["embedded"], short="Looking at its files\u2026")
    if is_address(name):
        return Choice(name, name, "a server", short="Asking the server\u2026")
    return Choice(name, name, "", short="Asking for its size\u2026")


def failed(name: str | None, sentence: str, folder: bool = False) -> Choice:
    """A model that nothing can be found out about; the sentence says why. `folder`: it is one on this computer."""
    choice = unknown(name)
    short = "Cannot be used" if is_address(name) else "No model in it" if folder else "No sizes are known"
    return Choice(choice.key, choice.name, choice.origin, FAILED, short, sentence)


def local(plan: Plan, here: Machine, loaded: bool) -> Choice:
    """A model with a plan, to be run on this computer."""
    verdict = judge(plan, here)
    return Choice(
        plan.source or "",
        plan.name,
        "loaded now" if loaded else ORIGINS[plan.origin],
        READY,
        f"Recommended: {SHORT['int4'].lower()}" if recommended(plan, here) else SHORT[verdict.precision],
        verdict.sentence,
        plan.note,
        _facts(plan, here),
        tuple(_need(plan, precision, here) for precision in plan.precisions(here)),
        verdict.precision or "",
        "Download and load" if plan.missing else "Load",
        again=plan.origin in ("cache", "hub") and plan.missing < plan.files,
    )


def remote(address: str, served: Served, loaded: bool) -> Choice:
    """A model on a server: it takes nothing from this computer."""
    need = Need("auto", "As the server runs it", "nothing here")
    where = "loaded now" if loaded else "a server"
    facts = f"{served.name}  \u00b7  Nothing to download"
    sentence = f"Runs on the server, {NOTE}."
    return Choice(address, address, where, READY, "Runs there", sentence, "", facts, (need,), "auto", "Use")


def _facts(plan: Plan, here: Machine) -> str:
    parts = [f"{size(plan.missing)} to download" if plan.missing else "Nothing to download"]
    parts.append(f"{size(plan.files)} on disk")
    if "int4" in plan.precisions(here) and plan.kept(here.kind):
        parts.append(f"int4 keeps {size(plan.kept(here.kind))} more for the next start")
    return "  \u00b7  ".join(parts)


def _need(plan: Plan, precision: str, here: Machine) -> Need:
    need = plan.memory(precision, here.kind)
    share = need / here.free if here.free else None
    label = f"Full, {TYPES[here.kind]}" if precision == "full" else "int4 experts"
    return Need(precision, label, size(need), share, possible(plan, precision, here))
