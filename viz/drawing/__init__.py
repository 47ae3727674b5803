"""viz.drawing"""
