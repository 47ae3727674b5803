"""viz.render"""
