package web

import (
	"strings"
	"testing"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/js"
)

// TestMinifierKeepsTheOrder: of declarations that follow each other, the minifier
// moves one that takes an array or object apart to the front, whatever the others'
// values do. So such a one is the first, or something stands before it.
func TestMinifierKeepsTheOrder(t *testing.T) {
	for name, source := range pageSources(t) {
		if strings.HasSuffix(name, ".js") {
			for _, moved := range movedDeclarations(t, source) {
				t.Errorf("%s: the minifier moves this before the declarations above it, do so yourself or put something between: %s", name, moved)
			}
		}
	}
	if len(movedDeclarations(t, "function f() { const a = g(); const { b } = h(); }")) != 1 ||
		len(movedDeclarations(t, "const { b } = h(); const a = g(); if (a) b(); const [c] = d();")) != 0 {
		t.Error("this test does not see what the minifier does")
	}
}

func movedDeclarations(t *testing.T, source string) []string {
	t.Helper()
	ast, err := js.Parse(parse.NewInputString(source), js.Options{})
	if err != nil {
		t.Fatal(err)
	}
	v := &declarations{}
	js.Walk(v, ast)
	return v.moved
}

type declarations struct{ moved []string }

// Enter implements js.IVisitor.
func (v *declarations) Enter(n js.INode) js.IVisitor {
	block, ok := n.(*js.BlockStmt)
	if !ok {
		return v
	}
	var before *js.VarDecl
	for _, stmt := range block.List {
		decl, ok := stmt.(*js.VarDecl)
		if ok && before != nil && decl.TokenType == before.TokenType {
			for _, item := range decl.List {
				if _, plain := item.Binding.(*js.Var); !plain {
					v.moved = append(v.moved, item.String())
				}
			}
		}
		before = decl
	}
	return v
}

// Exit implements js.IVisitor.
func (*declarations) Exit(js.INode) {}
