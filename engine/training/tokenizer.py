"""The vocabulary: byte-level BPE learnt from the corpus, with Gemma's special ids and turn markers.

Every byte is in the vocabulary, so any text encodes and decodes exactly. A number of up to three digits can be one
id, so that in a count or a table every entry takes as many cells as the others; the 's of "Poppy's" is an id of its
own, so that a name is the same id wherever it stands.
"""

from collections.abc import Iterable
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

# Nothing is unknown to bytes: in the place of that id stands slack, a space without width.
SPECIALS = ("<pad>", "<eos>", "<bos>", "\u200b", "<|turn>", "<turn|>", "<|image>", "<image|>", "<|image|>")
WORDS = r" ?\p{L}+(?:'(?!s\b)\p{L}+)?|'s\b| ?\p{N}{1,3}| ?[^\s\p{L}\p{N}]|\s+(?!\S)|\s+"
TEMPLATE = (
    "{{ bos_token }}"
    "{% for message in messages %}"
    "<|turn>{{ 'model' if message['role'] == 'assistant' else message['role'] }}\n"
    "{{ message['content'] | trim }}<turn|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|turn>model\n{% endif %}"
)


def learn(texts: Iterable[str], vocab: int) -> PreTrainedTokenizerFast:
    """A tokenizer of `vocab` ids learnt from `texts`; the same texts in the same order give the same ids."""
    core = Tokenizer(models.BPE(unk_token=None, byte_fallback=False))
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(WORDS), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab,
        special_tokens=list(SPECIALS),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    core.train_from_iterator(texts, trainer)
    return wrap(core)


def wrap(core: Tokenizer) -> PreTrainedTokenizerFast:
    """`core` as a transformers tokenizer with the chat template."""
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core,
        pad_token="<pad>",
        eos_token="<eos>",
        bos_token="<bos>",
        additional_special_tokens=list(SPECIALS[3:]),
        clean_up_tokenization_spaces=False,
        model_max_length=8192,
    )
    tokenizer.chat_template = TEMPLATE
    return tokenizer


def load(folder: Path) -> PreTrainedTokenizerFast:
    """The one of a checkpoint that training has written."""
    return wrap(Tokenizer.from_file(str(folder / "tokenizer.json")))


def framed(prompt: str) -> str:
    """`prompt` as the chat template writes it, up to where the answer begins."""
    return f"<bos><|turn>user\n{prompt.strip()}<turn|>\n<|turn>model\n"
