"""The graph and its jobs: from TED-LIUM release 2 audio to word error rates on memristor hardware."""
