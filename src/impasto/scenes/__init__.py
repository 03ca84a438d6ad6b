"""Pictures and worlds made by code, with the exact truth about them.

* `scene`, `camera`, `layer`, `texture`: textured planes under a moving camera; frames, flow, occlusion, depth, objects.
* `canvas`, `noise`, `palettes`: what textures are drawn with.
* `simple`: a quick world for tests. `demo`: the harbour, with sound (`python -m impasto.scenes.demo OUT.mp4`).
* `styles`: style pictures in some twenty media, for training.
* `world`: random captioned scenes: what is there, where, how it moves, in words and in exact masks.
* `sound`, `movie`: synthesised stereo, and the file that holds it all.
"""
