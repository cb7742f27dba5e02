"""Every command of `cni` played on two houses, its screens looked at: `python3 dev.py looks FOLDER` makes the pictures."""
