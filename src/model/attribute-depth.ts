/**
 * How many arrays and maps of an attribute may be nested in one another. The protobuf libraries of C++, Java, C#, Python, Rust and
 * JavaScript read messages that are nested 100 deep, in which a span's attribute comes to 47 arrays or 31 maps: all that
 * these can read is taken here. (Go's reads 10,000 and is meant to read 100.)
 */
export const MAX_ATTRIBUTE_DEPTH = 50;
