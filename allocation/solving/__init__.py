"""The models of a round and the engines that settle its levels and objectives."""
