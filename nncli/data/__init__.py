"""Data: readers, shipped sets, splits, preprocessing. NumPy in, NumPy out; never TensorFlow.

The road: `prepare.prepare` reads a data set, splits it, fits the preprocessing on the training part and gives
`samples.Splits`; `outline.outline` says what is known of it without reading; `inputs.read_inputs` reads what a trained network
is asked to predict. What a sample is by itself stands in a room of its own: `tables`, `pictures`, `texts`, and the `sets` that
are known by name.
"""
