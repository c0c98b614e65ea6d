"""What a source and a submission are: cells, markers, alignment, side files."""
