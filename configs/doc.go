// Package configs is the configuration of a run: one YAML file, decoded
// strictly and validated whole, so that every fault is reported at once with
// its line. It knows what values are allowed, and nothing of how they are used.
//
//go:generate go run ctcohort/configs/flextemplate ../docker/metadata.json
package configs
