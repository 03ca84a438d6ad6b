"""A blind study: people see two results side by side and say which they prefer.

`make_study` (make.py) writes a folder for the raters and, outside of it, the key; `read_ratings` (ratings.py) and
`score_study` (score.py) turn what comes back into scores.
"""
