package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The tests in this file and in imports_test.go are about the repository: they
// read all Go files, whatever their build tags.

// repositoryRoot is seen from this package's folder, where go test runs.
const repositoryRoot = "../.."

// sourceFile is one Go file of the repository.
type sourceFile struct {
	path   string // slash-separated, relative to the repository's root
	ast    *ast.File
	lines  int
	isTest bool // only tests are built from it
}

// folder is the package's path in the module.
func (f sourceFile) folder() string { return path.Dir(f.path) }

// isTestPackage reports whether a folder holds what only tests import.
func isTestPackage(folder string) bool { return strings.HasSuffix(path.Base(folder), "test") }

// parsedFiles reads them all, once for all tests.
var parsedFiles = sync.OnceValues(parseFiles)

func sourceFiles(t *testing.T) []sourceFile {
	t.Helper()
	files, err := parsedFiles()
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("found %d Go files under %s: this cannot be all", len(files), repositoryRoot)
	}
	return files
}

func parseFiles() (files []sourceFile, err error) {
	err = filepath.WalkDir(repositoryRoot, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if base := entry.Name(); entry.IsDir() {
			if name != repositoryRoot && (strings.HasPrefix(base, ".") || base == "node_modules" || base == "testdata") {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		positions := token.NewFileSet()
		file, err := parser.ParseFile(positions, name, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(repositoryRoot, name)
		if err != nil {
			return err
		}
		f := sourceFile{path: filepath.ToSlash(relative), ast: file, lines: positions.File(file.FileStart).LineCount()}
		f.isTest = strings.HasSuffix(f.path, "_test.go") || isTestPackage(f.folder())
		files = append(files, f)
		return nil
	})
	return files, err
}

func TestTopLevel(t *testing.T) {
	allowed := []string{"capture", "cmd", "peer", "signal", "web", "go.mod", "go.sum", "README.md", "Makefile", "LICENSE"}
	entries, err := os.ReadDir(repositoryRoot)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		built := entry.Name() == "pushcam" && entry.Type().IsRegular()
		if name := entry.Name(); !slices.Contains(allowed, name) && !strings.HasPrefix(name, ".") && !built {
			t.Errorf("%s: does not belong at the top level, which is %v", name, allowed)
		}
	}
}

// TestPackageDocs: a doc.go tells what a package is before anything else does.
func TestPackageDocs(t *testing.T) {
	documented := map[string]bool{}
	for _, f := range sourceFiles(t) {
		folder := f.folder()
		if strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		documented[folder] = documented[folder] || false
		if f.ast.Doc == nil {
			continue
		}
		want := "Package " + f.ast.Name.Name + " "
		if f.ast.Name.Name == "main" {
			want = "Command " + path.Base(folder) + " "
		}
		switch {
		case path.Base(f.path) != "doc.go":
			t.Errorf("%s: has a package comment, which belongs into doc.go", f.path)
		case !strings.HasPrefix(f.ast.Doc.Text(), want):
			t.Errorf("%s: begins with %.30q, want %q", f.path, f.ast.Doc.Text(), want)
		}
		documented[folder] = true
	}
	for folder, ok := range documented {
		if !ok {
			t.Errorf("%s: no doc.go with a package comment", folder)
		}
	}
}

func TestFilesAreShort(t *testing.T) {
	for _, f := range sourceFiles(t) {
		if f.lines > 400 {
			t.Errorf("%s: %d lines, want at most 400: a file is one noun", f.path, f.lines)
		}
	}
}

// TestNoInit: what runs before main cannot be configured, ordered or tested.
func TestNoInit(t *testing.T) {
	for _, f := range sourceFiles(t) {
		for _, decl := range f.ast.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: has an init function", f.path)
			}
		}
	}
}

func TestMainIsSmall(t *testing.T) {
	for _, f := range sourceFiles(t) {
		if f.path == "cmd/pushcam/main.go" {
			if f.lines > 20 {
				t.Errorf("main.go: %d lines, want at most 20: what it does cannot be tested", f.lines)
			}
			return
		}
	}
	t.Error("cmd/pushcam/main.go: not there")
}
