"""Random scenes that say what they show: the endless, exactly captioned material for teaching.

* `chance`: a random scene from a seed. `world`: the scene that a given description tells of, with phrases and poses.
* `description`: what a scene shows, as data. `captions`: right and wrong sentences for it.
* `catalogue`: kinds of things and backdrops, with their words; `colours`: colours and light.
* `animals`, `vehicles`, `plants`, `buildings`, `people`, `things`, `backdrops`: how they are drawn.
* `sheet`, `plane`, `motion`, `stage`: what they are drawn with, how they move, the space they stand in.
"""
