"""Pairs of clips to learn from: a real or rendered clip, the same in a style, words and style pictures for both.

clips -> what is fit to be a source -> a route makes the pair -> scores -> filters -> review -> shards

* `config`: all that decides what is made, and the presets. `filters`: which score drops what.
* `clips`: where clips come from; `sidecars`: what lies beside them; `quality`: what is measured of them.
* `styles`: in what style. `routes`: how a pair is made; one module for each family of routes.
* `animators`: what sets a first frame moving. `vlm`: what looks at clips and says what it sees. `endpoint`: models
  behind an address, that look or edit.
* `scores`: what is measured of a pair. `sample`: a pair as the files of a WebDataset sample.
* `item`: one pair from its clip to its file, what a worker does; `curate`: all of them, here or on a cluster.
* `shards`: shards and index of what is kept; `report`: what came of it; `review`: people decide.
"""
