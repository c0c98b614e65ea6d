"""Writing an assignment: percent source, release, executed copy, answer bank, proof."""
