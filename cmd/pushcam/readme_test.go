package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

var update = flag.Bool("update", false, "rewrite the flag tables of README.md")

// TestReadmeFlags holds the README's tables to the flags:
//
//	go test ./cmd/pushcam -run TestReadmeFlags -update
func TestReadmeFlags(t *testing.T) {
	name := filepath.Join(repositoryRoot, "README.md")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	got := string(text)
	want := got
	for _, command := range model(t).Children {
		begin, end := fmt.Sprintf("<!-- flags of %s -->\n\n", command.Name), "\n<!-- end -->\n"
		before, rest, ok := strings.Cut(want, begin)
		_, after, closed := strings.Cut(rest, end)
		if !ok || !closed {
			t.Errorf("README.md has no lines %q and %q", begin, end)
			continue
		}
		want = before + begin + flagTable(command) + end + after
	}
	if want == got {
		return
	}
	if !*update {
		t.Fatal("the flags in README.md are not those of the program: run this test with -update")
	}
	if err := os.WriteFile(name, []byte(want), 0o644); err != nil { //nolint:gosec // a README is for all to read
		t.Fatal(err)
	}
}

// flagTable returns the flags of a command as a Markdown table.
func flagTable(command *kong.Node) string {
	settable := command == command.Parent.DefaultCmd
	var b strings.Builder
	if settable {
		b.WriteString("| Flag | Environment | Default | |\n| --- | --- | --- | --- |\n")
	} else {
		b.WriteString("| Flag | Default | |\n| --- | --- | --- |\n")
	}
	for _, f := range command.Flags {
		name, value := "--"+f.Name, ""
		if f.Short != 0 {
			name = fmt.Sprintf("-%c, %s", f.Short, name)
		}
		if f.Default != "" {
			value = "`" + f.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` |", name)
		if settable {
			fmt.Fprintf(&b, " `%s` |", envName(f.Name))
		}
		fmt.Fprintf(&b, " %s | %s |\n", value, strings.ReplaceAll(f.Help, "|", `\|`))
	}
	return b.String()
}

// TestReadmeConfigFile: the file that the README shows is one that works.
func TestReadmeConfigFile(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(repositoryRoot, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```yaml\n")
	example, _, ok := strings.Cut(rest, "```\n")
	if !ok {
		t.Fatal("README.md has no YAML example")
	}
	mustParse[*serveConfig](t, []string{"--config", writeFile(t, example)}, nil)
}
