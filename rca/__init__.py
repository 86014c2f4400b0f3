"""Turns failure alerts from data platforms into analysed, tracked tickets."""
