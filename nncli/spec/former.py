"""Keys of old Keras and of other tools, and the key that took their place. Only ever hints."""

from __future__ import annotations

from typing import Final

FORMER_KEYS: Final[dict[str, str]] = {
    "lr": "learning_rate",
    "lr_rate": "learning_rate",
    "eta": "learning_rate",
    "decay": "weight_decay",
    "output_dim": "units",
    "nb_filter": "filters",
    "filter": "filters",
    "num_filters": "filters",
    "out_channels": "filters",
    "filter_size": "kernel_size",
    "kernel": "kernel_size",
    "border_mode": "padding",
    "subsample": "strides",
    "stride": "strides",
    "dim_ordering": "data_format",
    "init": "kernel_initializer",
    "W_regularizer": "kernel_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "bias": "use_bias",
    "inner_activation": "recurrent_activation",
    "inner_init": "recurrent_initializer",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
    "p": "rate",
    "nb_epoch": "epochs",
    "num_epochs": "epochs",
    "max_epochs": "epochs",
    "max_steps": "steps",
    "batch_input_shape": "input_shape",
    "input_dim": "input_shape",
    "beta1": "beta_1",
    "beta2": "beta_2",
    "eps": "epsilon",
    "validation_split": "validation",
    "shuffle": "order",
}
