"""gaitbook: a reproducible, interactive analysis book of human gait.

The stages of the house, each importing earlier ones only: `readers` (files to recordings), `cohort` (labeled,
cleaned, stored), `mechanics`, `synthesis`, `library` (cohorts by name), `representation` (labels to tensors and
back), `models`, `studies` (numbers with uncertainty), `figures`, `edition` (the book).
"""

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
