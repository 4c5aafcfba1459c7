"""The generated corpus: text from a grammar, speech from espeak-ng, the layout of TED-LIUM release 2."""
