// Package mesh makes surfaces of label maps: closed triangle meshes, smooth and
// small enough to look at and to mail.
//
// Vertices are positions in mm in DICOM's LPS patient space, as model/volume's.
// Triangles go anticlockwise seen from outside. Every mesh made here is a closed
// manifold: each edge has two triangles, each vertex one fan of them.
//
// The same labels give the same mesh, bit for bit. Drawing is left to
// transforms/report.
package mesh
