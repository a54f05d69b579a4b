//go:build lab

package lab

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// vicodecMakefile makes the virtual codec and what it is built on, which the
// distribution's kernel has neither of.
const vicodecMakefile = `obj-m := v4l2-mem2mem.o vicodec.o
vicodec-objs := vicodec-core.o codec-fwht.o codec-v4l2-fwht.o
`

// fetchVicodec builds the kernel's virtual codec of the kernel's own source,
// once. All that it takes is downloaded, and nothing is installed.
func fetchVicodec(t *testing.T) cameraModule {
	t.Helper()
	defer once(t, "vicodec")()
	release := strings.TrimPrefix(filepath.Base(fetchKernel(t, amd64).image), "vmlinuz-")
	cache := filepath.Join(repository(t), ".build", "lab", "vicodec-"+release)
	m := cameraModule{
		name: "vicodec", file: filepath.Join(cache, "vicodec.ko"),
		with: map[string]string{"v4l2-mem2mem": filepath.Join(cache, "v4l2-mem2mem.ko")},
	}
	if _, err := os.Stat(cache); err == nil {
		return m
	}
	build := t.TempDir()
	version, _, _ := strings.Cut(release, "-")
	source := "linux-source-" + version[:strings.LastIndex(version, ".")] // 6.1 of 6.1.0-56
	unpackSources(t, build, release, source)
	folder := filepath.Join(build, "modules")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	run(t, folder, "tar", "-xf", filepath.Join(build, "usr", "src", source+".tar.xz"), "--wildcards", "--strip-components=4",
		source+"/drivers/media/v4l2-core/v4l2-mem2mem.c", source+"/drivers/media/test-drivers/vicodec/*.[ch]")
	// One lies a folder deeper than the other.
	for _, file := range []string{"codec-fwht.c", "codec-fwht.h", "codec-v4l2-fwht.c", "codec-v4l2-fwht.h", "vicodec-core.c"} {
		run(t, folder, "mv", filepath.Join("vicodec", file), file)
	}
	write(t, filepath.Join(folder, "Makefile"), vicodecMakefile)
	makeModules(t, build, release, folder)
	// Renamed, so that what is there is complete.
	part := cache + ".part"
	if err := os.MkdirAll(part, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"vicodec.ko", "v4l2-mem2mem.ko"} {
		write(t, filepath.Join(part, name), string(read(t, filepath.Join(folder, name))))
	}
	if err := os.Rename(part, cache); err != nil {
		t.Fatal(err)
	}
	return m
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
