package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version describes the binary in one line: module version, commit, compiler
// and platform, as far as the build recorded them.
func version() string {
	release, commit := "unknown", ""
	if build, ok := debug.ReadBuildInfo(); ok {
		release = build.Main.Version
		for _, s := range build.Settings {
			if s.Key == "vcs.revision" {
				commit = " commit " + s.Value[:min(len(s.Value), 12)]
			}
		}
	}
	return fmt.Sprintf("pushcam %s%s %s %s/%s", release, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
