"""Human speech: the spoken lines of two games of Debian's main archive, in the layout of TED-LIUM release 2."""
