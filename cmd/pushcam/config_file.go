package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// maxConfigSize is far more than any configuration needs, and little enough to
// read /dev/zero without harm.
const maxConfigSize = 1 << 20

// readSettings reads the YAML file at path. Its errors begin with the path, or
// with path:line.
func readSettings(path string, flags map[string]*kong.Flag) (settings, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, cause(err))
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxConfigSize+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, cause(err))
	}
	if len(text) > maxConfigSize {
		return nil, fmt.Errorf("%s: larger than a configuration can be (%d bytes)", path, maxConfigSize)
	}
	return parseSettings(path, text, flags)
}

// cause drops the operation and path that fs.PathError adds: the caller's
// message names the file already.
func cause(err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
}

// parseSettings reads a YAML mapping from flag names to a value or, for flags
// that may be repeated, a list of values. Anything else is an error: a key
// that is not known is a wish that would silently not be met.
func parseSettings(path string, text []byte, flags map[string]*kong.Flag) (settings, error) {
	var document yaml.Node
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return settings{}, nil // empty, or only comments
	case err != nil:
		return nil, fmt.Errorf("%s: not valid YAML: %w", path, err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: want one YAML document, found more after it", path)
	}
	root := document.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return settings{}, nil
	}
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: want lines like size: 1280x720", path, root.Line)
	}
	found := settings{}
	for pair := range slices.Chunk(root.Content, 2) {
		key, value := pair[0].Value, pair[1]
		at := fmt.Sprintf("%s:%d: %s", path, pair[0].Line, key)
		flag := flags[key]
		if flag == nil {
			return nil, fmt.Errorf("%s:%d: %q: no such setting, want one of %s", path, pair[0].Line, key, names(flags))
		}
		if _, twice := found[key]; twice {
			return nil, fmt.Errorf("%s: is there twice", at)
		}
		v, err := settingValue(value, flag)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
		found[key] = setting{value: v, origin: at}
	}
	return found, nil
}

// settingValue returns a scalar's text as it stands in the file, whatever
// YAML would take it for, or the texts of a list with commas between.
func settingValue(node *yaml.Node, flag *kong.Flag) (string, error) {
	switch {
	case node.Kind == yaml.ScalarNode && node.Tag == "!!null":
		return "", errors.New("has no value: want one, or remove the line")
	case node.Kind == yaml.ScalarNode:
		return node.Value, nil
	case !flag.IsSlice():
		return "", errors.New("want one plain value")
	case node.Kind != yaml.SequenceNode:
		return "", errors.New("want a value or a list of values")
	}
	values := make([]string, 0, len(node.Content))
	for _, item := range node.Content {
		if item.Kind != yaml.ScalarNode || item.Tag == "!!null" {
			return "", errors.New("want a list of plain values")
		}
		values = append(values, item.Value)
	}
	return kong.JoinEscaped(values, flag.Tag.Sep), nil
}

func names(flags map[string]*kong.Flag) string {
	list := make([]string, 0, len(flags))
	for name := range flags {
		list = append(list, name)
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}
