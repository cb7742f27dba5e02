"""Files of the co-operative itself: tables of typed columns, the network folder, circuits, and the JSON form inside packs."""
