"""What a ControlNet is shown of a clip: its depth, or the pose of its people, as pictures; exact or estimated.

* `pictures`: how depth and pose are drawn, and what estimates them. `exact`: those of a rendered scene.
* `depthnano`, `depthanything`: depth by our network and by a published one. `vitpose`: pose by published networks.
* `estimators`: which of them is used where; `published`: the files of those that are.
"""
