"""Layers whose weights lie on crossbars."""
