"""Recipes of the nano base: `clips`, then `vae`, then `latents`, then `base`; each reads what the one before has left.

* `sources`: what is seen. `clips`: all of it as frames. `latents`: as latents, features of texts and of pictures.
* `vae`, `base`: what is trained on them. `frames`, `vaeloss`, `unfolding`, `batches`, `sheets`: what these
  two are made of.
* `shards`: how clips and latents are kept. `learner`: what both trainings have in common.
"""
