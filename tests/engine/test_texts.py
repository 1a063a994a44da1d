"""Whatever the texts, a network's predictions for them are those of the evaluation, to the bit."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nncli.data.prepare import load_evaluation, prepare
from nncli.data.preprocessing import Preparation
from nncli.data.rows import regrouped
from nncli.data.texts.encoding import TextEncoding
from nncli.data.texts.folder import stream_texts
from nncli.engine.evaluate import Evaluator
from nncli.spec.experiment import Experiment
from tests.unit.data.test_texts import ANY_TEXT, texts, written


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(lines=st.lists(ANY_TEXT.filter(str.strip), min_size=2, max_size=80), by_line=st.booleans())
def test_texts_are_predicted_as_they_are_evaluated(
    lines: list[str], by_line: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if by_line:
        files = {"a.txt": "\n".join(lines), "b.txt": lines[0]}
    else:
        files = {"b/0.txt": lines[0]} | {f"a/{number:03}.txt": line for number, line in enumerate(lines)}
    folder = written(tmp_path_factory.mktemp("texts"), dict(files))
    dataset = texts(folder)
    splits = prepare(dataset, seed=0)
    preparation = Preparation.from_json(json.loads(json.dumps(splits.preparation.to_json())))
    assert isinstance(preparation.encoding, TextEncoding) and preparation.encoding.range is not None
    embedding = {"type": "embedding", "input_dim": preparation.encoding.range[1] + 1, "output_dim": 2, "mask_zero": True}
    experiment = Experiment.model_validate(
        {
            "name": "any",
            "dataset": dataset,
            "model": {"layers": [embedding, "global_average_pooling1d", {"type": "dense", "units": 2, "activation": "softmax"}]},
            "optimizer": "adam",
            "loss": "sparse_categorical_crossentropy",
        }
    )
    evaluator = Evaluator(experiment, input_shape=preparation.input_shape, target_shape=preparation.target_shape)
    rows = regrouped(stream_texts([str(folder)], preparation.encoding, dataset), 32)
    predicted = np.concatenate([batch for part in rows for batch in evaluator.predictions(preparation.inputs(part.inputs))])
    assert np.array_equal(predicted, evaluator.predict(splits.train.inputs))
    assert np.array_equal(predicted, evaluator.predict(load_evaluation(str(folder), preparation, dataset)[0].inputs))
