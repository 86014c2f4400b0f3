"""Evaluation of root cause analysis for data pipelines: cases with expected answers, and the harness that scores."""
