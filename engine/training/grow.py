"""A larger network that computes what a smaller one does: what the card's training begins with.

Between the layers that are there come copies of them whose gains are zero, so that they add nothing yet; units that
a wider layer has more begin at random and are not listened to yet. Sources: Net2Net (Chen et al., 2015,
arXiv:1511.05641), and blocks that begin as the identity (LLaMA Pro, Wu et al., 2024, arXiv:2401.02415).
"""

from torch import Tensor

LAYER = ".layers."
SILENT = "post_attention_layernorm.weight", "post_feedforward_layernorm.weight"  # the gains of what a layer adds
NO = "A model of this shape cannot grow to that of the preset"
Weights = dict[str, Tensor]


def grown(small: Weights, kinds: list[str], fresh: Weights, larger: list[str]) -> Weights:
    """`fresh` weights, of a network with layers of the `larger` kinds, made to compute what `small` does.

    `kinds` are those of the layers of `small`, "full_attention" or "sliding_attention". ValueError where these
    layers have no place among the larger ones, or anything but the width of feed-forward units differs.
    """
    origins = places(kinds, larger)
    found = {}
    for name, weight in fresh.items():
        prefix, layer, rest = parted(name)
        if layer is None or "vision" in name:
            found[name] = fitted(small, name, weight)
            continue
        origin, copied = origins[layer]
        found[name] = fitted(small, f"{prefix}{LAYER}{origin}.{rest}", weight)
        if copied and rest in SILENT:
            found[name] = found[name] * 0
    return found


def places(kinds: list[str], larger: list[str]) -> list[tuple[int, bool]]:
    """For each of the larger network's layers, the layer it is made from and whether that one is copied."""
    count, total = len(kinds), len(larger)
    own = {(at + 1) * total // count - 1: at for at in range(count)}
    if count > total or any(larger[place] != kinds[at] for place, at in own.items()):
        raise ValueError(f"{NO}: its layers have no place there.")
    alike = {kind: [place for place, at in own.items() if kinds[at] == kind] for kind in set(larger)}
    if not all(alike.values()):
        raise ValueError(f"{NO}: it lacks a kind of layer.")
    near = (min(alike[kind], key=lambda place, j=j: abs(place - j)) for j, kind in enumerate(larger))
    return [(own[place], j not in own) for j, place in enumerate(near)]


def parted(name: str) -> tuple[str, int | None, str]:
    """A weight's name before its layer, the layer, and the name within; the layer is None outside of layers."""
    if LAYER not in name:
        return name, None, ""
    prefix, rest = name.split(LAYER)
    layer, rest = rest.split(".", 1)
    return prefix, int(layer), rest


def fitted(small: Weights, name: str, fresh: Tensor) -> Tensor:
    """The weight `name` of the smaller network as large as `fresh`: new rows as there, new columns 0."""
    weight = small.get(name)
    if weight is None:
        return fresh
    if fresh.shape == weight.shape:
        return weight.to(fresh)
    if fresh.ndim != 2 or not ("mlp" in name or "self_conditioning" in name):
        raise ValueError(f"{NO}: only its layers may be wider.")
    rows, columns = weight.shape
    found = fresh.clone()
    found[:rows, :columns] = weight
    found[:, columns:] = 0
    return found
