"""Which types there are: kind of choice -> module -> type names.

The names stand here so that a config can be read, and a wrong name answered with the right one, without importing a module
that the config has no use for. A test holds this table to the modules.
"""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING, Final, cast

from nncli.spec.former_types import FORMER_NAMES

if TYPE_CHECKING:
    from nncli.spec.base import TypedSpec

_DATASETS = "nncli.spec.datasets"
_LAYERS = "nncli.spec.layers"
_OPTIMIZERS = "nncli.spec.optimizers"
_LOSSES = "nncli.spec.losses"
_METRICS = "nncli.spec.metrics"
_ACTIVATIONS = "nncli.spec.activations"
_INITIALIZERS = "nncli.spec.initializers"

_ERRORS: Final = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "kld": "kl_divergence",
    "cosine": "cosine_similarity",
}
"""Short names that losses and metrics share."""

# fmt: off
MODULES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "dataset": {
        f"{_DATASETS}.images": ("mnist", "mnist_5k", "fashion_mnist", "cifar10", "cifar100"),
        f"{_DATASETS}.arrays": ("inline", "npz", "npy"),
        f"{_DATASETS}.shipped": ("iris", "wine", "breast_cancer", "digits", "diabetes"),
        f"{_DATASETS}.generated": ("line", "series"),
        f"{_DATASETS}.text": ("text",),
        f"{_DATASETS}.housing": ("boston_housing", "california_housing"),
        f"{_DATASETS}.words": ("imdb", "reuters"),
        f"{_DATASETS}.folders": ("image_folder", "text_folder"),
        f"{_DATASETS}.tables": ("csv", "parquet", "json_lines"),
    },
    "column": {
        "nncli.spec.columns": ("number", "category", "date", "text", "ignore"),
    },
    "preprocessing": {
        "nncli.spec.preprocessing": ("rescale", "standardize", "reshape", "flatten", "channels_first", "channels_last"),
    },
    "layer": {
        f"{_LAYERS}.core": ("input", "dense", "activation", "masking", "identity"),
        f"{_LAYERS}.embedding": ("embedding", "reversible_embedding"),
        f"{_LAYERS}.einsum": ("einsum_dense",),
        f"{_LAYERS}.activations": ("relu", "leaky_relu", "elu", "prelu", "softmax"),
        f"{_LAYERS}.convolution": ("conv1d", "conv2d", "conv3d"),
        f"{_LAYERS}.transposed": ("conv1d_transpose", "conv2d_transpose", "conv3d_transpose"),
        f"{_LAYERS}.depthwise": ("depthwise_conv1d", "depthwise_conv2d", "separable_conv1d", "separable_conv2d"),
        f"{_LAYERS}.pooling": (
            "max_pooling1d", "max_pooling2d", "max_pooling3d", "average_pooling1d", "average_pooling2d", "average_pooling3d",
            "stochastic_pooling2d",
        ),
        f"{_LAYERS}.global_pooling": (
            "global_average_pooling1d", "global_average_pooling2d", "global_average_pooling3d", "global_max_pooling1d",
            "global_max_pooling2d", "global_max_pooling3d",
        ),
        f"{_LAYERS}.adaptive_pooling": (
            "adaptive_average_pooling1d", "adaptive_average_pooling2d", "adaptive_average_pooling3d", "adaptive_max_pooling1d",
            "adaptive_max_pooling2d", "adaptive_max_pooling3d",
        ),
        f"{_LAYERS}.reshaping": ("flatten", "reshape", "permute", "repeat_vector"),
        f"{_LAYERS}.margins": (
            "zero_padding1d", "zero_padding2d", "zero_padding3d", "cropping1d", "cropping2d", "cropping3d", "up_sampling1d",
            "up_sampling2d", "up_sampling3d",
        ),
        f"{_LAYERS}.regularization": (
            "dropout", "alpha_dropout", "gaussian_dropout", "gaussian_noise", "spatial_dropout1d", "spatial_dropout2d",
            "spatial_dropout3d", "activity_regularization",
        ),
        f"{_LAYERS}.augmentation": (
            "random_flip", "random_rotation", "random_translation", "random_zoom", "random_shear", "random_perspective",
            "random_elastic_transform",
        ),
        f"{_LAYERS}.resizing": ("resizing", "center_crop", "random_crop"),
        f"{_LAYERS}.colours": (
            "random_brightness", "random_contrast", "random_saturation", "random_hue", "random_color_degeneration",
            "random_grayscale", "random_color_jitter",
        ),
        f"{_LAYERS}.tones": (
            "auto_contrast", "equalization", "contrast_limited_adaptive_histogram_equalization", "random_posterization",
            "solarization", "random_invert",
        ),
        f"{_LAYERS}.disturbances": ("random_erasing", "random_gaussian_blur", "random_sharpness", "rand_augment"),
        f"{_LAYERS}.scaling": ("rescaling", "normalization"),
        f"{_LAYERS}.encoding": ("category_encoding", "discretization", "hashing", "integer_lookup"),
        f"{_LAYERS}.spectrograms": ("mel_spectrogram", "stft_spectrogram"),
        f"{_LAYERS}.normalization": (
            "batch_normalization", "layer_normalization", "group_normalization", "rms_normalization", "unit_normalization",
        ),
        f"{_LAYERS}.recurrent": ("simple_rnn", "lstm", "gru"),
        f"{_LAYERS}.cells": ("rnn",),
        f"{_LAYERS}.conv_lstm": ("conv_lstm1d", "conv_lstm2d", "conv_lstm3d"),
        f"{_LAYERS}.wrappers": ("bidirectional", "time_distributed"),
        f"{_LAYERS}.composites": ("residual", "parallel", "repeat"),
        f"{_LAYERS}.spectral": ("spectral_normalization",),
    },
    "cell": {
        f"{_LAYERS}.cells": ("simple_rnn_cell", "lstm_cell", "gru_cell", "stacked_rnn_cells"),
    },
    "optimizer": {
        f"{_OPTIMIZERS}.gradient_descent": ("sgd", "lion", "muon"),
        f"{_OPTIMIZERS}.adaptive": ("adadelta", "adagrad", "adafactor", "rmsprop", "ftrl"),
        f"{_OPTIMIZERS}.adam": ("adam", "adamw", "adamax", "nadam", "lamb", "schedule_free_adamw"),
    },
    "schedule": {
        "nncli.spec.schedules": (
            "exponential_decay", "inverse_time_decay", "polynomial_decay", "cosine_decay", "cosine_decay_restarts",
            "piecewise_constant_decay",
        ),
    },
    "loss": {
        f"{_LOSSES}.regression": (
            "mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error", "mean_squared_logarithmic_error",
            "huber", "log_cosh", "cosine_similarity", "poisson",
        ),
        f"{_LOSSES}.classification": (
            "binary_crossentropy", "binary_focal_crossentropy", "categorical_crossentropy", "categorical_focal_crossentropy",
            "sparse_categorical_crossentropy", "categorical_generalized_cross_entropy", "kl_divergence", "hinge",
            "squared_hinge", "categorical_hinge",
        ),
        f"{_LOSSES}.structured": ("ctc", "dice", "tversky", "circle"),
        f"{_LOSSES}.expression": ("expression",),
    },
    "metric": {
        f"{_METRICS}.accuracy": (
            "accuracy", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy", "top_k_categorical_accuracy",
            "sparse_top_k_categorical_accuracy",
        ),
        f"{_METRICS}.regression": (
            "mean_squared_error", "root_mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error",
            "mean_squared_logarithmic_error", "log_cosh_error", "cosine_similarity", "pearson_correlation",
            "concordance_correlation", "r2_score",
        ),
        f"{_METRICS}.probabilistic": (
            "binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy", "kl_divergence", "poisson",
            "hinge", "squared_hinge", "categorical_hinge",
        ),
        f"{_METRICS}.confusion": (
            "true_positives", "true_negatives", "false_positives", "false_negatives", "precision", "recall", "f1_score",
            "fbeta_score", "precision_at_recall", "recall_at_precision", "sensitivity_at_specificity",
            "specificity_at_sensitivity", "auc",
        ),
        f"{_METRICS}.iou": ("binary_iou", "iou", "mean_iou", "one_hot_iou", "one_hot_mean_iou"),
        f"{_METRICS}.expression": ("expression",),
    },
    "activation": {
        f"{_ACTIVATIONS}.common": ("linear", "relu", "sigmoid", "tanh", "softmax"),
        f"{_ACTIVATIONS}.rectifiers": (
            "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "hard_silu", "mish", "glu", "softplus", "sparse_plus",
            "squareplus", "exponential",
        ),
        f"{_ACTIVATIONS}.squashing": (
            "hard_sigmoid", "log_sigmoid", "sparse_sigmoid", "hard_tanh", "softsign", "tanh_shrink", "soft_shrink",
            "hard_shrink", "log_softmax", "sparsemax",
        ),
        f"{_ACTIVATIONS}.step": ("step",),
    },
    "initializer": {
        f"{_INITIALIZERS}.constant": ("zeros", "ones", "constant", "identity"),
        f"{_INITIALIZERS}.random": ("random_normal", "truncated_normal", "random_uniform", "orthogonal"),
        f"{_INITIALIZERS}.scaling": (
            "variance_scaling", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "lecun_normal", "lecun_uniform",
        ),
        f"{_INITIALIZERS}.fourier": ("stft",),
    },
    "regularizer": {
        "nncli.spec.regularizers": ("l1", "l2", "l1_l2", "orthogonal_regularizer"),
    },
    "constraint": {
        "nncli.spec.constraints": ("max_norm", "min_max_norm", "unit_norm", "non_neg"),
    },
}
# fmt: on
"""Every type name, under its kind and the module that defines it."""

SHORT_NAMES: Final[dict[str, dict[str, str]]] = {
    "loss": _ERRORS,
    "metric": _ERRORS,
    "activation": {"swish": "silu", "hard_swish": "hard_silu", "sgn": "step"},
}
"""Kind -> short name -> type name, for the names that a config may use in place of the type's own."""


@functools.cache
def names(kind: str) -> tuple[str, ...]:
    """Every name that a config may write for `kind`."""
    own = tuple(name for types in MODULES[kind].values() for name in types)
    return own + tuple(SHORT_NAMES.get(kind, {}))


@functools.lru_cache(maxsize=1024)
def find(kind: str, name: str) -> type[TypedSpec] | None:
    """The spec class of a type or short name; None where there is no such name. Imports its module and no other."""
    name = SHORT_NAMES.get(kind, {}).get(name, name)
    for module_name, types in MODULES[kind].items():
        if name in types:
            module = importlib.import_module(module_name)
            return next(
                found
                for found in vars(module).values()
                if isinstance(found, type)
                and getattr(found, "kind", None) == kind
                and cast("type[TypedSpec]", found).model_fields["type"].default == name
            )
    return None


def former_name(kind: str, name: str) -> str | None:
    """The type name that today stands for `name` of old Keras or of another tool, or None."""
    former, bare = FORMER_NAMES.get(kind, {}), name.lower().removeprefix("nn.")
    return former.get(bare.replace("_", "")) or former.get(bare)
