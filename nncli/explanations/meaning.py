"""NN4xx: parts of a config that are right by themselves and do not go together."""

from __future__ import annotations

from typing import Final

from nncli.explanations.entry import Explanation

EXPLANATIONS: Final[dict[str, Explanation]] = {
    "NN401": Explanation(
        "The loss, the form of the labels and the width of the last layer do not fit. `sparse_categorical_crossentropy` takes class"
        " numbers (`labels: index`) and a unit a class, `categorical_crossentropy` takes rows (`labels: one_hot`),"
        " `binary_crossentropy` one unit for two classes.",
        wrong="dataset: mnist_5k\nloss: categorical_crossentropy",
        right="dataset: {type: mnist_5k, labels: one_hot}\nloss: categorical_crossentropy",
    ),
    "NN402": Explanation(
        "A name is waited for that nothing in this run produces: a metric that is not in `metrics`, `val_...` without a validation"
        " part, `test_...` while training, a class that the data do not have, a column that a file lacks.",
        wrong="training: {early_stopping: {monitor: val_loss}}",
        right="dataset: {type: mnist_5k, validation: 0.1}\ntraining: {early_stopping: {monitor: val_loss}}",
    ),
    "NN403": Explanation(
        "Settings contradict each other or the data: a learning rate that a schedule and `reduce_lr_on_plateau` both change, two"
        " metrics of one name, a stateful layer whose samples are shuffled, `mixup` of what cannot be blended, a network without"
        " anything to train. As a warning: what works, but not as written.",
        wrong="model:\n  layers:\n    - flatten\n    - {type: dense, units: 10, activation: softmax, trainable: false}",
        right="model:\n  layers:\n    - flatten\n    - {type: dense, units: 10, activation: softmax}",
    ),
    "NN404": Explanation(
        "This machine cannot do what the config asks for, or could only do it at a crawl: a precision that CPUs do not compute,"
        " more memory than there is, another number of threads than TensorFlow runs with in this process already, an operation that"
        " oneDNN does not have for this CPU.",
        wrong="training: {precision: mixed_float16}",
        right="training: {precision: mixed_bfloat16}",
    ),
}
