//go:build lab

package lab

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// kernel is an unpacked kernel package.
type kernel struct {
	image   string            // path of vmlinuz
	modules map[string]string // path by name
}

// fetchKernel downloads and unpacks the distribution's kernel, once.
func fetchKernel(t *testing.T, p platform) kernel {
	t.Helper()
	defer once(t, "kernel-"+p.debian)()
	cache := p.cache(t)
	root := filepath.Join(cache, "kernel")
	if _, err := os.Stat(filepath.Join(root, "boot")); err != nil {
		run(t, cache, "dpkg", "-x", downloadKernel(t, p, cache), root)
	}
	images, err := filepath.Glob(filepath.Join(root, "boot", "vmlinuz-*"))
	if err != nil || len(images) != 1 {
		t.Fatalf("kernel images in %s: %v, want one (remove the folder to fetch it again)", root, images)
	}
	k := kernel{image: images[0], modules: map[string]string{}}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if name, _, ok := strings.Cut(filepath.Base(path), ".ko"); ok && err == nil {
			k.modules[moduleName(name)] = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func downloadKernel(t *testing.T, p platform, dir string) string {
	t.Helper()
	pattern := filepath.Join(dir, "linux-image-*.deb")
	if have, _ := filepath.Glob(pattern); len(have) > 0 {
		return have[0]
	}
	// linux-image-amd64 is empty and depends on the kernel of the day. What
	// goes wrong here is that there are no package lists.
	var name string
	meta := "linux-image-" + p.debian
	show, _ := exec.CommandContext(t.Context(), "apt-cache", "show", "--no-all-versions", meta+":"+p.debian).Output()
	for line := range strings.Lines(string(show)) {
		if depends, ok := strings.CutPrefix(line, "Depends: "); ok {
			name = strings.TrimSpace(strings.FieldsFunc(depends, func(r rune) bool { return strings.ContainsRune(" (,\n", r) })[0])
		}
	}
	if name == "" {
		t.Fatalf("apt-cache knows no %s: run .ci/install test, or apt-get update (the lab needs Debian on amd64)", meta)
	}
	run(t, dir, "apt-get", "download", name+":"+p.debian)
	have, _ := filepath.Glob(pattern)
	if len(have) != 1 {
		t.Fatalf("apt-get download %s left %v in %s", name, have, dir)
	}
	return have[0]
}

// moduleName settles the two ways in which modules are written.
func moduleName(s string) string { return strings.ReplaceAll(s, "_", "-") }

// load returns modules and all they depend on, in the order to insert them.
func (k kernel) load(t *testing.T, names ...string) (order []string, content map[string][]byte) {
	t.Helper()
	content = map[string][]byte{}
	var visit func(name string)
	visit = func(name string) {
		if content[name] != nil {
			return
		}
		path, ok := k.modules[name]
		if !ok {
			return // built into the kernel
		}
		ko, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(path, ".xz") {
			ko = []byte(run(t, ".", "xz", "-dc", path))
		}
		content[name] = ko
		for _, dependency := range dependencies(t, name, ko) {
			visit(dependency)
		}
		order = append(order, name)
	}
	for _, name := range names {
		visit(name)
		if !slices.Contains(order, name) {
			t.Fatalf("the kernel has no module %s", name)
		}
	}
	return order, content
}

// dependencies reads "depends=a,b" from the module's own description.
func dependencies(t *testing.T, name string, ko []byte) []string {
	t.Helper()
	file, err := elf.NewFile(bytes.NewReader(ko))
	if err != nil {
		t.Fatalf("module %s: %v", name, err)
	}
	section := file.Section(".modinfo")
	if section == nil {
		t.Fatalf("module %s: no section .modinfo", name)
	}
	info, err := section.Data()
	if err != nil {
		t.Fatalf("module %s: %v", name, err)
	}
	var out []string
	for _, field := range strings.Split(string(info), "\x00") {
		if list, ok := strings.CutPrefix(field, "depends="); ok && list != "" {
			for _, d := range strings.Split(list, ",") {
				out = append(out, moduleName(d))
			}
		}
	}
	return out
}

// repository is the folder of go.mod.
func repository(t *testing.T) string {
	t.Helper()
	return filepath.Dir(strings.TrimSpace(run(t, ".", "go", "env", "GOMOD")))
}

// run returns a command's standard output, and fails the test with all it said.
func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	return runWith(t, dir, nil, name, args...)
}

func runWith(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(fmt.Errorf("%v: %w\n%s%s", cmd, err, out, stderr.Bytes()))
	}
	return string(out)
}

// goStatic runs a go command so that what it builds needs no library, as the
// virtual machine has none.
func goStatic(t *testing.T, args ...string) {
	t.Helper()
	args = append([]string{args[0]}, append([]string{"-ldflags", `-extldflags "-static"`}, args[1:]...)...)
	runWith(t, repository(t), []string{"CGO_ENABLED=1", "CGO_LDFLAGS=-lm -ldl"}, "go", args...)
}
