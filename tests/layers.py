"""A config of each layer: the smallest values of the arguments that it cannot go without."""

from typing import Any

REQUIRED: dict[str, dict[str, Any]] = {
    "input": {"shape": [3]},
    "dense": {"units": 3},
    "activation": {"activation": "relu"},
    "embedding": {"input_dim": 5, "output_dim": 3},
    **{f"average_pooling{rank}d": {"pool_size": 2} for rank in (1, 2, 3)},
    **{name: {"rate": 0.5} for name in ("alpha_dropout", "gaussian_dropout")},
    **{f"spatial_dropout{rank}d": {"rate": 0.5} for rank in (1, 2, 3)},
    "permute": {"dims": [2, 1]},
    "repeat_vector": {"n": 3},
    "reversible_embedding": {"input_dim": 5, "output_dim": 3},
    "einsum_dense": {"equation": "ab,bc->ac", "output_shape": 3},
    **{
        name: {"filters": 3, "kernel_size": 2}
        for rank in (1, 2, 3)
        for name in (f"conv{rank}d", f"conv{rank}d_transpose", f"separable_conv{rank}d", f"conv_lstm{rank}d")
    },
    **{f"depthwise_conv{rank}d": {"kernel_size": 2} for rank in (1, 2)},
    **{f"adaptive_{kind}_pooling{rank}d": {"output_size": 2} for rank in (1, 2, 3) for kind in ("average", "max")},
    "spectral_normalization": {"layer": {"type": "dense", "units": 3}},
    "reshape": {"target_shape": [-1]},
    "dropout": {"rate": 0.5},
    "gaussian_noise": {"stddev": 0.5},
    "random_rotation": {"factor": 0.1},
    "random_translation": {"height_factor": 0.1, "width_factor": 0.1},
    "random_zoom": {"height_factor": 0.1},
    **{name: {"height": 3, "width": 4} for name in ("resizing", "center_crop", "random_crop")},
    **{
        f"random_{name}": {"factor": 0.1}
        for name in ("brightness", "contrast", "saturation", "hue", "color_degeneration", "sharpness")
    },
    "random_posterization": {"factor": 3},
    "rescaling": {"scale": 0.1},
    "normalization": {"mean": 1.0, "variance": 2.0},
    "category_encoding": {"num_tokens": 5},
    "discretization": {"bin_boundaries": [0.5, 1.5]},
    "hashing": {"num_bins": 3},
    "integer_lookup": {"vocabulary": [5, 7]},
    "rnn": {"cell": {"type": "gru_cell", "units": 2}},
    "simple_rnn": {"units": 3},
    "lstm": {"units": 3},
    "gru": {"units": 3},
    "bidirectional": {"layer": {"type": "lstm", "units": 3}},
    "time_distributed": {"layer": {"type": "dense", "units": 3}},
    "residual": {"layers": [{"type": "dense", "units": 3}]},
    "repeat": {"layers": [{"type": "dense", "units": 3}], "times": 2},
    "parallel": {"branches": [[], [{"type": "dense", "units": 3}]]},
}
