"""Cell technologies: the protocol, and one module or package per technology."""
