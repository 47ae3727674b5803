"""Modules: neurons, layers, networks, and the weights that they hold."""
