"""NN2xx: keys and values of a config, each by itself."""

from __future__ import annotations

from typing import Final

from nncli.explanations.entry import Explanation

EXPLANATIONS: Final[dict[str, Explanation]] = {
    "NN201": Explanation(
        "A mapping has a key that its owner does not know. Nothing is ever ignored: a misspelt key would leave a default in place"
        " of what you meant. The hint names the likely key; `nncli explain` with the type's name lists all of them.",
        wrong="optimizer: {type: adam, learning_rte: 1e-4}",
        right="optimizer: {type: adam, learning_rate: 1e-4}",
    ),
    "NN202": Explanation(
        "A key without a default is missing: `name`, `dataset`, `model`, `optimizer` or `loss` of a config, `type` of a choice, or"
        " a field such as `units` that a type cannot do without.",
        wrong="model:\n  layers:\n    - flatten\n    - {type: dense, activation: softmax}",
        right="model:\n  layers:\n    - flatten\n    - {type: dense, units: 10, activation: softmax}",
    ),
    "NN203": Explanation(
        "A value is of another kind than its key takes: a text for a number, a mapping for a list, null for what needs a value."
        " Scalars are YAML 1.2's: `1e-4` is a number, `no` is a text, and what stands in quotes is always a text.",
        wrong='optimizer: {type: adam, learning_rate: "1e-4"}',
        right="optimizer: {type: adam, learning_rate: 1e-4}",
    ),
    "NN204": Explanation(
        "A value is of the right kind, but outside its range. `nncli explain` with the type's name shows the range of each field.",
        wrong="training: {batch_size: 0}",
        right="training: {batch_size: 32}",
    ),
    "NN205": Explanation(
        "A name is none of those that can be chosen here. Type names are Keras's class names in snake_case; `nncli explain` with"
        " the kind, such as `layer` or `loss`, lists them.",
        wrong="optimizer: addam",
        right="optimizer: adam",
    ),
    "NN206": Explanation(
        "Two keys of one mapping exclude each other, or one needs another that is not there or has another value.",
        wrong="training: {steps: 500, epochs: 3}",
        right="training: {steps: 500}",
    ),
    "NN207": Explanation(
        "A condition or a formula cannot be read. A condition is a metric's name, one of >= <= > <, and a number. A formula is made"
        " of numbers, `+ - * / **`, brackets, `pi`, the variables of its place and a few functions; it is never run as code.",
        wrong="metrics: [accuracy]\nexpect:\n  - test_accuracy is 0.9",
        right="metrics: [accuracy]\nexpect:\n  - test_accuracy >= 0.9",
    ),
    "NN208": Explanation(
        "Samples that the config itself writes, or the formulas that compute them, do not make regular arrays of finite numbers, or"
        " not as many targets as inputs. The place is that of the first value at fault.",
        wrong="dataset: {type: inline, inputs: [[0, 1], [2]], targets: [0, 9]}",
        right="dataset: {type: inline, inputs: [[0, 1], [2, 3]], targets: [0, 9]}",
    ),
}
