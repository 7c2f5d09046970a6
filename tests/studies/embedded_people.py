"""People whose embedding is drawn: a few hidden scores, three of which tell of age and size."""

import numpy as np
import pandas as pd

TASKS = ("walk", "march")
FEATURES = 24


def draw_embedded(count, seed=0, *, tasks=TASKS):
    """Features (task, feature) and people; age, body mass index and visceral fat move them."""
    rng = np.random.default_rng(seed)
    sex = np.where(np.arange(count) % 2, "male", "female")
    age = rng.uniform(30, 80, count)
    bmi = 26 + 4 * rng.standard_normal(count)
    people = pd.DataFrame(
        {
            "sex": sex,
            "age_year": age,
            "bmi_kgm2": bmi,
            "visceral_fat_cm2": 120 + 8 * (bmi - 26) + age - 55 + 20 * rng.standard_normal(count),
        },
        pd.Index([f"p{seed}-{number}" for number in range(count)], name="subject"),
    )
    hidden = np.column_stack([(age - 55) / 15, (bmi - 26) / 4, sex == "male"])
    mixing = np.random.default_rng(99).standard_normal((3, FEATURES))
    parts = {}
    for task in tasks:
        seen = hidden + 0.7 * rng.standard_normal(hidden.shape)
        values = 0.3 + seen @ mixing + 0.5 * rng.standard_normal((count, FEATURES))
        parts[task] = pd.DataFrame(values, people.index, [f"legs mean {k}" for k in range(FEATURES)])
    return pd.concat(parts, axis=1, names=["task", "feature"]), people
