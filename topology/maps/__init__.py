"""Maps as SVG and as one page."""
