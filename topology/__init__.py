"""The spine: nodes, spans, strands, risk groups, circuits, routes, diversity; interchange formats."""
