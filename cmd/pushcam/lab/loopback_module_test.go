//go:build lab

package lab

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// fetchLoopback builds v4l2loopback for the lab's kernel, once: a camera whose
// pictures a program writes. All that it takes is downloaded, and nothing is
// installed.
func fetchLoopback(t *testing.T) (module string) {
	t.Helper()
	defer once(t, "v4l2loopback")()
	release := strings.TrimPrefix(filepath.Base(fetchKernel(t, amd64).image), "vmlinuz-")
	module = filepath.Join(repository(t), ".build", "lab", "v4l2loopback-"+release+".ko")
	if _, err := os.Stat(module); err == nil {
		return module
	}
	build := t.TempDir()
	unpackSources(t, build, release, "v4l2loopback-dkms")
	source, err := filepath.Glob(filepath.Join(build, "usr", "src", "v4l2loopback-*"))
	if err != nil || len(source) != 1 {
		t.Fatalf("sources of v4l2loopback: %v, %v, want one", source, err)
	}
	makeModules(t, build, release, source[0])
	// Renamed, so that what is there is complete.
	if err := os.WriteFile(module+".part", read(t, filepath.Join(source[0], "v4l2loopback.ko")), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(module+".part", module); err != nil {
		t.Fatal(err)
	}
	return module
}

// unpackSources downloads a package with sources of modules, and what it takes
// to build them for a kernel.
func unpackSources(t *testing.T, build, release, sources string) {
	t.Helper()
	headers := "linux-headers-" + release
	run(t, build, "apt-get", append([]string{"download", sources, headers}, headersNeed(t, headers)...)...)
	packages, err := filepath.Glob(filepath.Join(build, "*.deb"))
	if err != nil || len(packages) == 0 {
		t.Fatalf("apt-get download left %v in %s: %v", packages, build, err)
	}
	for _, file := range packages {
		run(t, build, "dpkg", "-x", file, build)
	}
}

// makeModules builds the modules in a folder with what unpackSources left.
func makeModules(t *testing.T, build, release, source string) {
	t.Helper()
	headers := filepath.Join(build, "usr", "src", "linux-headers-"+release)
	// The Makefile in the headers only includes this one, by its path when
	// installed.
	common := filepath.Join(strings.TrimSuffix(headers, "-amd64")+"-common", "Makefile")
	run(t, build, "make", "-C", headers, "-f", common, "M="+source, "KERNELRELEASE="+release, "modules")
}

// headersNeed names the packages with the rest of a kernel's headers and the
// tools that come with them. The compiler is not among them: building pushcam
// needs it, too.
func headersNeed(t *testing.T, headers string) (names []string) {
	t.Helper()
	// What goes wrong here is that there is no such package.
	show, _ := exec.CommandContext(t.Context(), "apt-cache", "show", "--no-all-versions", headers).Output()
	for line := range strings.Lines(string(show)) {
		depends, ok := strings.CutPrefix(line, "Depends: ")
		if !ok {
			continue
		}
		for _, name := range strings.Split(depends, ",") {
			name, _, _ = strings.Cut(strings.TrimSpace(name), " ")
			if strings.HasPrefix(name, "linux-headers-") || strings.HasPrefix(name, "linux-kbuild-") {
				names = append(names, name)
			}
		}
	}
	if len(names) < 2 {
		t.Fatalf("apt-cache knows no %s: run apt-get update; if there is a newer kernel now, remove .build/lab to fetch that", headers)
	}
	return names
}
