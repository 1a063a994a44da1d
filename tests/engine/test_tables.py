"""Whatever the table, a network's predictions for its rows are those of the evaluation, to the bit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings

from nncli.data.prepare import prepare
from nncli.data.preprocessing import Preparation
from nncli.data.rows import regrouped
from nncli.data.tables.encoding import TableEncoding
from nncli.data.tables.reading import stream_rows
from nncli.data.tables.source import close_source
from nncli.engine.evaluate import Evaluator
from nncli.problems import NncliError
from nncli.spec.experiment import Experiment
from tests.unit.data.test_tables import table, tables


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(drawn=tables())
def test_rows_are_predicted_as_they_are_evaluated(drawn: tuple[list[dict[str, Any]], str], tmp_path: Path) -> None:
    path = tmp_path / "drawn.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in drawn[0] * 4), encoding="utf-8")
    close_source()
    dataset = table({"type": "json_lines", "path": str(path), "target": "target"})
    try:
        splits = prepare(dataset, seed=0)
    except NncliError as failure:
        assert all(problem.message for problem in failure.problems)
        return
    experiment = Experiment.model_validate(
        {
            "name": "any",
            "dataset": dataset,
            "model": {"layers": [{"type": "dense", "units": 3}]},
            "optimizer": "adam",
            "loss": "sparse_categorical_crossentropy" if splits.preparation.labels else "mse",
        }
    )
    preparation = Preparation.from_json(json.loads(json.dumps(splits.preparation.to_json())))
    shapes = {"input_shape": preparation.input_shape, "target_shape": preparation.target_shape}
    evaluator = Evaluator(experiment, **shapes)
    assert isinstance(preparation.encoding, TableEncoding)
    rows = regrouped(stream_rows(str(path), preparation.encoding, dataset), 32)
    predicted = [batch for part in rows for batch in evaluator.predictions(preparation.inputs(part.inputs))]
    assert np.array_equal(np.concatenate(predicted), evaluator.predict(splits.train.inputs))
