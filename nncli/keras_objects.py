"""What stock Keras needs to load a network that uses nncli's own parts: `import nncli.keras_objects` before `load_model`.

Only the activation `step` and the layers `stochastic_pooling2d`, `random_crop` and `equalization` are nncli's own.
"""

from nncli.engine.layers.images import equalization, random_crop
from nncli.engine.layers.step import step_function
from nncli.engine.layers.stochastic_pooling import stochastic_pooling2d

step = step_function()
StochasticPooling2D = stochastic_pooling2d()
RandomCrop = random_crop()
Equalization = equalization()
