"""Entry points of sis manager: one short function per graph."""
