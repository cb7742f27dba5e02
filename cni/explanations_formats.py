"""What the codes of reading other people's files mean; `cni.explanations` takes them in."""

from __future__ import annotations

FINDINGS = (
    ("no_position", "A node has no position, so it is left out, and the spans that end there with it.", "location missing", "Give its position."),
    ("no_name", "Something has no name; its id is shown instead.", "", ""),
    ("no_type", "A node has no type.", "most published OFDS files", "Give the type; maps and public exports go by it."),
    ("same_name", "Several nodes have the same name; only the ids tell them apart.", "'network fork' 40 times", ""),
    ("decimals", "Positions have more than six decimals. They are rounded: the sixth is 0.11 m.", "-2.24421234567891", ""),
    ("height", "Positions have a height, which is passed over.", "[-2.24, 53.48, 38.0]", ""),
    ("id_not_text", "Ids are numbers in the source; they are read as text, as written.", "\"id\": 17", ""),
    ("id_changed", "Ids have characters that ours may not have. They were changed; `external_id` keeps them.", "'Mast #4' becomes Mast-4", ""),
    ("no_owner", "A span has no owner; `unknown` is taken.", "", "Name the owner: without one nobody is paid for its use."),
    ("owner_not_listed", "An owner is not among the organisations of the file; it is added.", "", ""),
    ("same_organisation", "One name stands under several ids.", "FibreCo under 3 and under GB-COH-1", "Give them one id, or they count as several."),
    ("fibre_type_tidied", "A fibre type is written in another way than in the standard; it was tidied.", "G652D becomes G.652.D", ""),
    ("no_strand_count", "A span has no number of strands. 0 is taken, so nothing can be granted on it.", "fibreCount missing", "Ask the contributor."),
    ("no_length", "A span has no length. That of its route, or of the straight line, is taken; `length_from` says which.", "fibreLength missing", "Give the length: charges and limits go by it."),
    ("span_without_end", "A span does not say at which node it starts or ends, so it is left out.", "a cable drawn to nowhere", "Name the node; the hint names what lies near."),
    ("point_as_span", "A span is drawn as a point, so it is left out.", "", "Draw its line, or make it a node."),
    ("route_off_node", "A route ends more than 100 m from the node that its span names.", "route ends 157 m from node 1", "See which of the two is wrong."),
    ("route_turned", "A route runs from the end of its span to its start; it was turned.", "", ""),
    ("route_joined", "A route came in pieces; those that meet within 5 m were joined, turned where need be.", "a MultiLineString", "See that the order is right."),
    ("route_unusable", "A geometry is no line of 2 to 5,000 points, or its pieces do not meet.", "", "Draw it again as one line."),
    ("node_made", "A line ends where no point lies within 100 m, so a node was made there.", "", "Name the places."),
    ("not_a_line", "A placemark is neither a point nor a line; it is passed over.", "a polygon, a picture", ""),
    ("network_link", "A KML file refers to another; nothing is fetched.", "NetworkLink", "Save what it shows into the file."),
    ("no_crs", "The file does not say what its coordinates are; WGS84 is taken.", "crs missing", ""),
    ("wrong_crs", "The file names another reference system than the standard wants; WGS84 is taken.", "EPSG:27700", "Convert the file if positions look wrong."),
    ("id_no_uuid", "The id of the network is no UUID.", "\"id\": \"1\"", ""),
    ("no_version", "No link says which version of OFDS the file keeps to; the fields do.", "describedby leads elsewhere", ""),
    ("fields_kept", "The file has fields that we have no column for. They are kept in the extra column `ofds` and written again to OFDS.", "phase, address", ""),
    ("fields_dropped", "Fields that we have no column for are too large to keep, or no JSON that can be.", "more than 10,000 characters", ""),
)  # fmt: skip

INPUTS = (
    ("not_ofds", "A JSON file is no OFDS network package.", "a round pack", ""),
    ("several_networks", "A file holds several networks.", "a national file", "cni network convert FILE OUT --network ID"),
    ("elsewhere", "An OFDS file keeps its nodes or spans behind links; nothing is fetched.", "rel nodesAPI", "Put all into one package."),
    ("not_degrees", "Coordinates are no degrees of WGS84; the hint says what they probably are.", "384000 398000", "Save the file in EPSG:4326."),
    ("not_geojson", "A file is no GeoJSON feature collection with properties.", "", ""),
    ("not_geopackage", "An SQLite file is no GeoPackage.", "a browser's history", ""),
    ("missing_layer", "A GeoPackage has no layer nodes or spans.", "layers cables and sites", "Rename the layers."),
    ("runs_code", "A GeoPackage holds a trigger or view that could run code where it is read or written.", "a trigger that deletes rows", "Export nodes and spans to a new file."),
    ("xml_doctype", "XML with a document type or entities is refused: these can expand without end, or read other files.", "<!DOCTYPE kml [ ... ]>", "Save the file again without it."),
    ("packed", "Packed files are not read.", "cables.kmz, spine.json.gz", "Unpack it first."),
)  # fmt: skip
