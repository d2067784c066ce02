// Package deid removes the identity of patients from DICOM files.
//
// What happens to each attribute comes from PS3.15 Table E.1-1, edition 2024b,
// generated into table.go from innolitics/dicom-standard at 7f4749d09ed3 (617 rows
// and four ranges of tags), under a profile and its options, which are data
// (profile.go, options.go). An attribute outside
// the table stays only when it is of the standard and carries numbers, coded
// values or references, or is on a list (keep.go); free text stays word by word,
// from a vocabulary of scan words (words.go). Private attributes, curves,
// overlays and trailing padding go.
//
// UIDs, pseudonyms and the one date offset of a patient are HMAC-SHA256 of the
// original values under separate labels, so that workers share no state and the
// same key gives the same result anywhere.
//
// Before a file is given back, all its bytes but pixel data are searched for
// the patient's own identifiers (verify.go); a hit is a Rejection.
//
// What is processed is in classes.go: images, segmentations, plans and geometry,
// presentation states (graphics.go) and reports (content.go, codes.go). Objects
// whose pixels are likely to show identity are rejected as burned_in_risk
// (quarantine.go, straybits.go) unless a rule blanks it (blank.go, pixelwork.go),
// heads as face_risk (faces.go), other classes as unsupported_iod, and what nobody could use as invalid_iod
// (validity.go). Types of attributes come from the modules of PS3.3 (types.go).
package deid

//go:generate go run ./gen -out table.go -types types.go
