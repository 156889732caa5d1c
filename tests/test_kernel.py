"""The experts' product in 4 bits: the kernel, in triton's interpreter, and plain torch against dense arithmetic."""

import json
import os
import re
import subprocess
import sys
from copy import deepcopy
from importlib.util import find_spec
from types import MethodType

import pytest
import torch
from transformers.integrations.moe import ALL_EXPERTS_FUNCTIONS
from transformers.models.diffusion_gemma.modeling_diffusion_gemma import DiffusionGemmaTextExperts

import tiny
from engine.bench import experts as bench
from engine.model.experts import dense, plain, route
from engine.model.experts.pack import Packed, quantise

torch.set_num_threads(1)
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
HERE = torch.device(DEVICE)
TOLERANCE = {torch.float32: 1e-5, torch.bfloat16: 2e-2}  # of the largest value: bfloat16 has 8 bits
needs_triton = pytest.mark.skipif(find_spec("triton") is None, reason="triton is not installed")
needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")

# counts of rows by expert
CASES = {
    "even": [16, 16, 16],
    "some without rows": [0, 5, 0, 0, 21, 1, 0],
    "one has all": [0, 0, 37, 0],
    "one row": [0, 1],
    "no rows": [0, 0],
    "one expert": [18],
}


def stack(experts=3, out=48, columns=64, group=32, dtype=torch.float32, seed=0, minimum=True):
    random = torch.Generator().manual_seed(seed)
    weight = torch.randn(experts, out, columns, generator=random) + 0.3
    packed = quantise(weight, group, dtype)
    return Packed(packed.packed, packed.scale, packed.minimum if minimum else None).to(DEVICE)


def rows(count, columns=64, dtype=torch.float32):
    random = torch.Generator().manual_seed(1)
    return torch.randn(count, columns, generator=random).to(DEVICE, dtype)


def ends_of(counts):
    return torch.tensor(counts, device=DEVICE).cumsum(0).int()


def spread(x, weight, counts):
    """Each row times the matrix of its expert, all of them spread out, in float64."""
    levels = torch.stack((weight.packed & 15, weight.packed >> 4), -1).flatten(-2).double()
    minimum = -8 * weight.scale.double() if weight.minimum is None else weight.minimum
    scale, minimum = (part.double().repeat_interleave(weight.group, -1) for part in (weight.scale, minimum))
    owner = torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts)).to(x.device)
    return torch.einsum("ri,roi->ro", x.double(), (levels * scale + minimum)[owner])


def same(found, expected, dtype):
    assert found.dtype == dtype and found.shape == expected.shape
    bound = TOLERANCE[dtype] * expected.abs().amax().item() if expected.numel() else 0
    assert (found.double() - expected).abs().max().item() <= bound if expected.numel() else True


def products():
    """Both implementations of the product."""
    found = [plain.grouped]
    if find_spec("triton"):
        from engine.model.experts import kernel

        found.append(kernel.grouped)
    return found


@pytest.fixture(params=["plain", pytest.param("kernel", marks=needs_triton)])
def grouped(request):
    return products()[request.param == "kernel"]


@pytest.mark.parametrize("counts", CASES.values(), ids=CASES.keys())
def test_whichever_expert_has_the_rows(grouped, counts):
    weight, x = stack(len(counts)), rows(sum(counts))
    same(grouped(x, weight, ends_of(counts)), spread(x, weight, counts), x.dtype)


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("minimum", [True, False], ids=["minimum stored", "minimum from the scale"])
def test_a_minimum_is_stored_or_follows_from_the_scale(grouped, minimum, dtype):
    counts = [3, 0, 18]
    weight, x = stack(3, 48, 192, 64, dtype, minimum=minimum), rows(21, 192, dtype)
    assert (weight.minimum is None) != minimum and len(list(weight.buffers())) == 2 + minimum
    same(grouped(x, weight, ends_of(counts)), spread(x, weight, counts), dtype)


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("group", [32, 64])
@pytest.mark.parametrize(("out", "columns"), [(40, 704), (704, 64), (136, 192)])
def test_shapes_that_are_no_powers_of_two(grouped, out, columns, group, dtype):
    counts = [3, 0, 2]
    weight, x = stack(3, out, columns, group, dtype), rows(5, columns, dtype)
    same(grouped(x, weight, ends_of(counts)), spread(x, weight, counts), dtype)


def test_many_experts(grouped):
    counts = [int(at in (0, 63, 64)) + 2 * (at == 129) for at in range(130)]
    weight, x = stack(130, 32), rows(sum(counts))
    same(grouped(x, weight, ends_of(counts)), spread(x, weight, counts), x.dtype)


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_rows_are_gathered_scattered_and_weighted(grouped, dtype):
    counts, random = [3, 0, 18], torch.Generator().manual_seed(2)
    weight, x = stack(3, dtype=dtype), rows(9, dtype=dtype)
    read = torch.randint(9, (21,), generator=random).to(DEVICE)
    write = torch.randperm(21, generator=random).to(DEVICE)
    share = torch.rand(21, generator=random).to(DEVICE)
    expected = torch.empty(21, 48, dtype=torch.float64, device=DEVICE)
    expected[write] = spread(x[read], weight, counts)
    expected *= share[:, None]
    same(grouped(x, weight, ends_of(counts), read=read, write=write, share=share), expected, dtype)


def test_rows_that_are_a_view(grouped):
    wide = rows(20, 128)
    weight, x = stack(2), wide[:, ::2]
    same(grouped(x, weight, ends_of([7, 13])), spread(x, weight, [7, 13]), x.dtype)


def test_a_row_does_not_depend_on_the_others(grouped):
    weight, x = stack(2), rows(5)
    alone = torch.cat([grouped(x[at : at + 1], weight, ends_of([int(at < 2), int(at >= 2)])) for at in range(5)])
    same(grouped(x, weight, ends_of([2, 3])), alone.double(), x.dtype)


@needs_triton
def test_the_kernel_rounds_no_weight():
    """In bfloat16 a dequantised weight loses bits. The kernel's only rounding is of the result."""
    from engine.model.experts import kernel

    weight, x = stack(1, 64, 256, 64, torch.bfloat16), rows(16, 256, torch.bfloat16)
    exact = spread(x, weight, [16])
    error = (kernel.grouped(x, weight, ends_of([16])).double() - exact).abs()
    assert (error <= exact.abs() * 2**-7 + 1e-3).all()  # the interpreter cuts off where a device rounds


@needs_triton
@pytest.mark.parametrize("experts", [1, 4, 128])
def test_the_grid_holds_any_routing_and_follows_from_shapes_alone(experts, monkeypatch):
    from engine.model.experts import kernel

    random, tall = torch.Generator().manual_seed(3), kernel.TILING.rows
    for count in (0, 1, 15, 16, 17, 100, 2048):
        for skew in (0.0, 1.0, 9.0):
            odds = (skew * torch.randn(experts, generator=random)).softmax(0)
            owner = torch.multinomial(odds, count, replacement=True, generator=random) if count else odds[:0].long()
            needed = torch.bincount(owner, minlength=experts).add(tall - 1).div(tall).long().sum()
            assert needed <= kernel.tiles(count, experts)
        tightest = min(count, experts) + (count - min(count, experts)) // tall
        assert kernel.tiles(count, experts) == tightest  # one row to each, the others to one

    grids = []
    monkeypatch.setattr(kernel, "_product", Recorder(grids))
    for counts in ([20, 0], [7, 13], [0, 20]):
        kernel.grouped(rows(20), stack(2), ends_of(counts))
    assert len(set(grids)) == 1


class Recorder:
    """Stands for a kernel: keeps the grids that it is launched with."""

    def __init__(self, grids):
        self.grids = grids

    def __getitem__(self, grid):
        return lambda *_, **__: self.grids.append(grid)


def layer(dtype=torch.float32, seed=0):
    """The stock experts of a layer, and the same with what they hold packed: as transformers calls them."""
    config = tiny.config(hidden_size=64, moe_intermediate_size=32, num_experts=6, top_k_experts=3).text_config
    stock, ours = (DiffusionGemmaTextExperts(deepcopy(config)).to(DEVICE, dtype) for _ in range(2))
    stock.config._experts_implementation, ours.config._experts_implementation = "eager", route.NAME
    ALL_EXPERTS_FUNCTIONS.register(route.NAME, route.experts)
    pack(stock, ours, dtype, seed)
    return stock, ours


def pack(stock, ours, dtype, seed=0):
    """Give `ours` random packed weights, and `stock` the same spread out."""
    for at, name in enumerate(("gate_up_proj", "down_proj")):
        shape = getattr(stock, name).shape
        weight = stack(*shape, group=32, dtype=dtype, seed=seed + at)
        delattr(ours, name)
        setattr(ours, name, weight)
        getattr(stock, name).data = weight.dequantise()


def routing(count, module, dtype=torch.float32, seed=4):
    """Tokens with their experts, no expert twice for one, and the router's weights, which are in float32."""
    random = torch.Generator().manual_seed(seed)
    index = torch.rand(count, module.num_experts, generator=random).topk(3).indices
    weights = torch.rand(count, 3, generator=random)
    return rows(count, dtype=dtype), index.to(DEVICE), weights.to(DEVICE)


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("count", [1, 9])
def test_the_experts_are_the_stock_ones(grouped, count, dtype, monkeypatch):
    monkeypatch.setattr(route, "product", lambda device: grouped)
    stock, ours = layer(dtype)
    inputs = routing(count, stock, dtype)
    same(ours(*inputs), stock(*inputs).double(), dtype)
    assert torch.equal(ours(*inputs), ours(*inputs))


def test_a_model_with_packed_experts_is_the_model_with_what_they_stand_for():
    stock = tiny.model(hidden_size=64, moe_intermediate_size=32).to(DEVICE)
    ours = deepcopy(stock)
    for at, pair in enumerate(zip(stock.model.decoder.layers, ours.model.decoder.layers, strict=True)):
        pack(*(layer.experts for layer in pair), torch.float32, seed=10 * at)
    for model in (stock, ours):  # the encoder's are the decoder's
        for mine, theirs in zip(model.model.encoder.language_model.layers, model.model.decoder.layers, strict=True):
            mine.experts = theirs.experts
    route.use(ours)
    ids = torch.arange(20, device=DEVICE)[None]
    with torch.inference_mode():
        found, expected = (model(input_ids=ids, decoder_input_ids=ids[:, :16]).logits for model in (ours, stock))
    same(found, expected.double(), torch.float32)


COMPILE = """
import sys
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from engine.model.experts import kernel

sizes = {"columns": 2816, "width": 1408, "group": 64, "experts": 128, "lanes": 128, "middle": 8}
fixed = sizes | {"tall": kernel.TILING.rows, "wide": kernel.TILING.columns, "stages": kernel.TILING.stages}
fixed |= {"interpreted": False, "write": None, "share": None}
kinds = {"x": "*bf16", "packed": "*u8", "scale": "*bf16", "minimum": "*bf16", "ends": "*i32", "read": "*i64"}
kinds |= {"out": "*bf16"} | dict.fromkeys(fixed, "constexpr")
names = list(enumerate(kernel._product.arg_names))
cases = [(capability, kinds, fixed) for capability in (80, 86, 89, 90, 120)]
cases += [(89, kinds | {"minimum": "constexpr"}, fixed | {"minimum": None})]
for capability, kinds, fixed in cases:
    aligned = {(at,): [["tt.divisibility", 16]] for at, name in names if name not in fixed}
    made = triton.compile(
        ASTSource(kernel._product, kinds, fixed, aligned),
        GPUTarget("cuda", capability, 32),
        {"num_warps": kernel.TILING.warps, "enable_fp_fusion": True},
    )
    code = made.asm["ptx"]
    print(capability, len(made.asm["cubin"]) > 0, "mma" in code, "cp.async" in code, made.metadata.shared)
"""


@needs_triton
@pytest.mark.skipif(sys.platform != "linux", reason="triton compiles on Linux")
def test_the_kernel_compiles_for_all_cards_it_is_for_with_tensor_cores_and_copies_ahead():
    quiet = {**os.environ, "TRITON_INTERPRET": "0"}
    done = subprocess.run([sys.executable, "-c", COMPILE], capture_output=True, text=True, env=quiet, check=False)
    assert done.returncode == 0, done.stderr
    cards = [line.split() for line in done.stdout.splitlines()]
    assert len(cards) == 6 and all(card[1:4] == ["True"] * 3 for card in cards)
    assert all(int(shared) < 33_000 for *_, shared in cards)  # three tiles fit into the 100 KB of an RTX 4090


@needs_triton
def test_nothing_asks_for_a_value_on_the_way(monkeypatch):
    """Tensors without values stand for a device that one would have to wait for."""
    from engine.model.experts import kernel

    monkeypatch.setattr(kernel, "_product", Recorder([]))
    _, ours = layer()
    ours, inputs = ours.to("meta"), [tensor.to("meta") for tensor in routing(9, ours)]
    monkeypatch.setattr(route, "product", lambda device: kernel.grouped)
    assert ours(*inputs).shape == inputs[0].shape
    monkeypatch.setattr(route, "product", lambda device: plain.grouped)
    with pytest.raises((RuntimeError, NotImplementedError)):
        ours(*inputs)


@pytest.mark.card
@needs_cuda
@needs_triton
@pytest.mark.filterwarnings("ignore:Synchronization debug mode")
def test_cuda_is_never_waited_for_and_one_graph_serves_any_routing():
    stock, ours = layer(torch.bfloat16)
    fixed = routing(9, stock, torch.bfloat16)
    ours(*fixed)  # compiles
    torch.cuda.set_sync_debug_mode("error")
    try:
        ours(*fixed)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        found = ours(*fixed)
    for seed in (5, 6):
        inputs = routing(9, stock, torch.bfloat16, seed)
        for place, value in zip(fixed, inputs, strict=True):
            place.copy_(value)
        graph.replay()
        same(found, stock(*inputs).double(), torch.bfloat16)


@pytest.fixture
def card(monkeypatch):
    """A machine with a CUDA device, triton and a C compiler, as far as `route` asks."""
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (8, 9))
    monkeypatch.setattr(route, "find_spec", lambda name: object())
    monkeypatch.setattr(route.shutil, "which", lambda name: name)
    monkeypatch.delenv("CC", raising=False)
    route.product.cache_clear()
    yield torch.device("cuda", 0)
    route.product.cache_clear()


@needs_triton
def test_the_kernel_is_for_cuda(card):
    from engine.model.experts import kernel

    assert route.obstacle(card) is None and route.product(card) is kernel.grouped
    assert all(route.product(torch.device(kind)) is plain.grouped for kind in ("cpu", "mps"))


@pytest.mark.parametrize(
    ("owner", "name", "answer", "advice"),
    [
        (torch.cuda, "get_device_capability", (7, 5), "precision full"),
        (route, "find_spec", None, "install triton|pip install triton"),
        (route.shutil, "which", None, "install gcc"),
    ],
)
def test_what_the_kernel_lacks_is_said_and_plain_torch_takes_over(card, monkeypatch, owner, name, answer, advice):
    monkeypatch.setattr(route.sys, "platform", "linux")
    monkeypatch.setattr(owner, name, lambda _: answer)
    assert re.search(advice, route.obstacle(card)) and route.obstacle(card).endswith(".")
    assert route.product(card) is plain.grouped


def settled(monkeypatch, capability, experts=4, packed=False):
    """The experts function that a model has on a card of a capability, and what is said of it."""
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    monkeypatch.setattr(route.sys, "platform", "linux")
    model = tiny.model(num_experts=experts)
    said = route.settle(model, packed)
    return model.config.text_config._experts_implementation, said


@pytest.mark.parametrize("capability", [(9, 0), (10, 0), (10, 3)])
def test_whole_experts_take_torchs_product_where_it_waits_for_nothing(monkeypatch, capability):
    assert settled(monkeypatch, capability, 64) == ("grouped_mm", None)


@pytest.mark.parametrize("capability", [(8, 0), (8, 9), (12, 0)])
def test_elsewhere_few_experts_are_all_computed_and_of_many_it_is_said_that_they_are_slow(monkeypatch, capability):
    assert settled(monkeypatch, capability) == ("dense", None)
    way, said = settled(monkeypatch, capability, 64)
    assert way == "grouped_mm" and said.endswith("choose precision int4.")


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
def test_all_experts_at_once_are_the_stock_ones(dtype):
    stock, _ = layer(dtype)
    inputs, ours = routing(9, stock, dtype), deepcopy(stock)
    ours.forward = MethodType(dense.experts, ours)
    same(ours(*inputs), stock(*inputs).double(), dtype)


def test_on_windows_triton_has_another_name(card, monkeypatch):
    monkeypatch.setattr(route, "find_spec", lambda name: None)
    monkeypatch.setattr(route.sys, "platform", "win32")
    assert "pip install triton-windows" in route.obstacle(card)


def test_the_bench_times_packed_experts_against_stock_ones():
    sizes = {"small": bench.Layer(cells=6, hidden=64, experts=3, top=2, width=64)}
    result = bench.measure("cpu", rounds=1, sizes=sizes)
    assert json.loads(json.dumps(result)) == result and result["bench"] == "experts"
    small = result["small"]
    assert small["ours_ms"] > 0 and small["transformers_ms"] > 0 and small["kernel"] == "plain"
    assert small["difference"] < 1e-5
    # float32 against 4 bits and, for each 64 of them, two float32
    assert small["whole_mb"] / small["packed_mb"] == pytest.approx(32 / 5, rel=0.02)


def test_the_bench_is_about_the_published_layer_where_there_is_a_gpu():
    (published,) = bench.layers("cuda").values()
    assert published == bench.Layer(cells=256, hidden=2816, experts=128, top=8, width=704)
    reduced = bench.layers("cpu")["reduced"]
    assert reduced.cells * reduced.top / reduced.experts == published.cells * published.top / published.experts
