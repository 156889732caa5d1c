"""Muon for the matrices and Adam for the rest, on float32 weights whatever the gradients are in.

Muon (Keller Jordan, 2024): momentum, then the nearest orthogonal matrix by Newton-Schulz iterations. Matrices of
one shape go through the iterations together.
"""

from collections import defaultdict

import torch

# Coefficients of the quintic iteration, from Muon's publication: steep at zero, within 0.7..1.2 after five rounds.
QUINTIC = (3.4445, -4.7750, 2.0315)


def orthogonal(matrices: torch.Tensor, rounds: int = 5) -> torch.Tensor:
    """Nearly orthogonal matrices with the singular vectors of `matrices` [n, rows, columns], in their dtype."""
    flip = matrices.shape[1] > matrices.shape[2]
    x = matrices.mT if flip else matrices
    x = x / (x.norm(dim=(1, 2), keepdim=True) * 1.01 + 1e-7)
    a, b, c = QUINTIC
    for _ in range(rounds):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.mT if flip else x


class Muon(torch.optim.Optimizer):
    """Groups with `matrix` true get Muon, the others Adam. Weights [.., rows, columns] are stacks of matrices.

    `dtype` is that of the iterations: bfloat16 is enough where the machine is fast at it.
    """

    def __init__(self, groups, dtype=torch.float32, momentum=0.95, betas=(0.9, 0.98), eps=1e-10):
        super().__init__(groups, {"lr": 0.0, "weight_decay": 0.0, "matrix": False})
        self.dtype, self.momentum, self.betas, self.eps = dtype, momentum, betas, eps

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            weights = [w for w in group["params"] if w.grad is not None]
            update = self._matrices if group["matrix"] else self._vectors
            update(weights, group["lr"], group["weight_decay"])

    def _matrices(self, weights, rate, decay):
        alike = defaultdict(list)
        for weight in weights:
            alike[weight.shape[-2:]].append(weight)
        for (rows, columns), same in alike.items():
            ahead = torch.cat([self._momentum(w).reshape(-1, rows, columns) for w in same])
            turns = orthogonal(ahead.to(self.dtype)).float() * max(1.0, rows / columns) ** 0.5
            counts = [weight.numel() // (rows * columns) for weight in same]
            for weight, turn in zip(same, turns.split(counts), strict=True):
                weight.mul_(1 - rate * decay).sub_(turn.view(weight.shape), alpha=rate)

    def _momentum(self, weight):
        state = self.state[weight]
        if not state:
            state["momentum"] = torch.zeros_like(weight)
        running = state["momentum"].lerp_(weight.grad, 1 - self.momentum)
        return weight.grad.lerp(running, self.momentum)

    def _vectors(self, weights, rate, decay):
        one, two = self.betas
        states, grads = [self._moments(weight) for weight in weights], [weight.grad for weight in weights]
        means, squares = ([state[name] for state in states] for name in ("mean", "square"))
        torch._foreach_lerp_(means, grads, 1 - one)
        torch._foreach_lerp_(squares, torch._foreach_mul(grads, grads), 1 - two)
        means = torch._foreach_div(means, [1 - one ** state["step"] for state in states])
        sizes = torch._foreach_div(squares, [1 - two ** state["step"] for state in states])
        torch._foreach_sqrt_(sizes)
        torch._foreach_add_(sizes, self.eps)
        torch._foreach_mul_(weights, 1 - rate * decay)
        torch._foreach_addcdiv_(weights, means, sizes, value=-rate)

    def _moments(self, weight):
        state = self.state[weight]
        if not state:
            state.update(step=0, mean=torch.zeros_like(weight), square=torch.zeros_like(weight))
        state["step"] += 1
        return state


def optimizer(model, preset, dtype=torch.float32) -> Muon:
    """The optimizer of a model's trainable weights: embeddings, gains and routers count as vectors."""
    matrices, vectors = [], []
    for name, weight in model.named_parameters():
        if not weight.requires_grad:
            continue
        plain = weight.ndim < 2 or "embed" in name or "lm_head" in name or "router" in name
        (vectors if plain else matrices).append(weight)
    return Muon(
        [
            {"params": matrices, "matrix": True, "weight_decay": preset.weight_decay},
            {"params": vectors, "matrix": False, "weight_decay": 0.0},
        ],
        dtype=dtype,
    )
