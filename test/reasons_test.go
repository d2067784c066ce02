package test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"ctcohort/schemas"
)

// TestEveryReasonCodeIsInTheDictionary looks for reason codes where they are
// made: constants beside the types that carry them, and texts in the stages.
func TestEveryReasonCodeIsInTheDictionary(t *testing.T) {
	known := map[string]bool{}
	for _, r := range schemas.Reasons {
		if known[r.Code] {
			t.Errorf("schemas.Reasons has %s twice", r.Code)
		}
		known[r.Code] = true
		if r.Meaning == "" || r.ToDo == "" {
			t.Errorf("schemas.Reasons: %s does not say what it means or what to do", r.Code)
		}
	}
	emitted := map[string]bool{}
	for _, file := range []string{"io/dicomio/errors.go", "io/dicomio/imagecodes.go", "transforms/deid/reject.go", "transforms/series/reject.go"} {
		constants(t, file, emitted)
	}
	stages, err := filepath.Glob("../transforms/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range stages {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		reasonTexts(t, file, emitted)
	}
	for code := range emitted {
		if !known[code] {
			t.Errorf("reason code %s is not in schemas.Reasons, so that the data dictionary does not explain it", code)
		}
	}
	if len(emitted) < 30 || !emitted["unreadable"] || !emitted["burned_in_risk"] {
		t.Errorf("found %d reason codes in the sources; the search has gone blind", len(emitted))
	}
}

func constants(t *testing.T, file string, into map[string]bool) {
	t.Helper()
	ast.Inspect(parse(t, "../"+file), func(n ast.Node) bool {
		if c, ok := n.(*ast.GenDecl); ok && c.Tok == token.CONST {
			for _, spec := range c.Specs {
				for _, v := range spec.(*ast.ValueSpec).Values {
					addCode(v, into)
				}
			}
		}
		return true
	})
}

// reasonTexts finds texts that are given to a field or variable that ends with ReasonCode, and rejects by code.
func reasonTexts(t *testing.T, file string, into map[string]bool) {
	t.Helper()
	ast.Inspect(parse(t, file), func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && key.Name == "ReasonCode" {
				addCode(n.Value, into)
			}
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if field, ok := left.(*ast.SelectorExpr); ok && field.Sel.Name == "ReasonCode" && i < len(n.Rhs) {
					addCode(n.Rhs[i], into)
				}
			}
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "reject" && len(n.Args) == 3 {
				addCode(n.Args[1], into)
			}
		}
		return true
	})
}

func addCode(e ast.Expr, into map[string]bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return
	}
	code, err := strconv.Unquote(lit.Value)
	if err == nil && code != "" && !strings.ContainsAny(code, " .") {
		into[code] = true
	}
}

func parse(t *testing.T, file string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
