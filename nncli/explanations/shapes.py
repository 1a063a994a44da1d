"""NN3xx: shapes on their way through the network."""

from __future__ import annotations

from typing import Final

from nncli.explanations.entry import Explanation

_END: Final = "    - flatten\n    - {type: dense, units: 10, activation: softmax}"

EXPLANATIONS: Final[dict[str, Explanation]] = {
    "NN301": Explanation(
        "A layer, or a step of the preprocessing, gets samples with another number of axes than it takes: a convolution needs"
        " images (height, width, channels), a recurrent layer sequences (time, features). Add or remove a `reshape` or `flatten`.",
        wrong="model:\n  layers:\n    - flatten\n    - {type: conv2d, filters: 8, kernel_size: 3}",
        right="model:\n  layers:\n    - {type: conv2d, filters: 8, kernel_size: 3}\n" + _END,
    ),
    "NN302": Explanation(
        "A window of a convolution or a pooling is larger than what it slides over: the image has become too small on its way. Use"
        " a smaller window, `padding: same`, or less pooling before it; `nncli summary` shows the shapes.",
        wrong="model:\n  layers:\n    - {type: conv2d, filters: 8, kernel_size: 30}\n" + _END,
        right="model:\n  layers:\n    - {type: conv2d, filters: 8, kernel_size: 3}\n" + _END,
    ),
    "NN303": Explanation(
        "Sizes do not fit together: a `reshape` to another number of values, channels that do not divide into groups, an"
        " `input_shape` that is not the data's.",
        wrong="model:\n  layers:\n    - {type: reshape, target_shape: [28, 30]}\n" + _END,
        right="model:\n  layers:\n    - {type: reshape, target_shape: [28, 28]}\n" + _END,
    ),
}
