"""The work itself: models, data, objectives, the loop, exports; knows torch, but no Qt and no threads."""
