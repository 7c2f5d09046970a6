"""Models of motion and force: tensors only."""
