"""People, folds and targets drawn for tests of what features tell."""

import numpy as np
import pandas as pd

from gaitbook.studies.unseen_ridge import deal_folds


def draw_people(count=400, seed=0):
    rng = np.random.default_rng(seed)
    columns = {
        "sex": np.where(np.arange(count) % 2, "male", "female"),
        "age_year": rng.uniform(30, 80, count),
        "bmi_kgm2": 26 + 4 * rng.standard_normal(count),
        "visceral_fat_cm2": 120 + 60 * rng.standard_normal(count),
        "height_m": 1.7 + 0.1 * rng.standard_normal(count),
    }
    return pd.DataFrame(columns, index=pd.Index([f"p{number}" for number in range(count)], name="subject"))


def draw_fold(people, folds=5, seed=0):
    return pd.Series(deal_folds(len(people), folds=folds, seed=seed), people.index)


def table(people, *columns, names=None):
    values = np.column_stack(columns)
    return pd.DataFrame(values, people.index, names or [f"column {k}" for k in range(values.shape[1])])
