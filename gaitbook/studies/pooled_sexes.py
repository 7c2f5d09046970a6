"""Women and men asked together or apart: what is gained by more people, and what is lost where the sexes differ."""

import pandas as pd

from gaitbook.studies.discovery_scores import true_targets
from gaitbook.studies.gain_discoveries import GainDiscoveries
from gaitbook.studies.studied_walkers import StudiedWalkers

APART, TOGETHER = "apart, found in either", "together"


def compare_pooled(
    apart: GainDiscoveries, together: GainDiscoveries, walkers: StudiedWalkers
) -> pd.DataFrame:
    """Discoveries of both ways to ask, and what is false of them.

    A target is true here if it is in women, in men, or in both.

    Parameters
    ----------
    apart, together
        Of `gaitbook.studies.gain_discoveries.discover_gains`, the second with ``pooled=True``.
    walkers
        Who was asked.

    Returns
    -------
    pandas.DataFrame
        asked (how women and men were), discovered (phenotypes, tautologies aside where they are known), shared (found
        by the other way as well), false_percent and power_percent (NaN where the truth is not known).
    """
    found = {
        name: set(each.table.loc[each.table["discovered"].eq(True), "phenotype"])
        for name, each in ((APART, apart), (TOGETHER, together))
    }
    truth = pd.Series(dtype=bool)
    if walkers.is_truth_known:
        known = true_targets(walkers.phenotypes)
        truth = known[~known["apart"]].groupby("phenotype")["true"].any()
        found = {name: own & set(truth.index) for name, own in found.items()}
    true = set(truth.index[truth])
    rows = [
        {
            "asked": name,
            "discovered": len(own),
            "shared": len(set.intersection(*found.values())),
            "false_percent": 100 * len(own - true) / max(len(own), 1) if true else float("nan"),
            "power_percent": 100 * len(own & true) / len(true) if true else float("nan"),
        }
        for name, own in found.items()
    ]
    return pd.DataFrame(rows)
