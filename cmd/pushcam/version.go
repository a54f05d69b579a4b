package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/pushcam/pushcam/web/api"
)

// built is what is known of the binary, as far as its build recorded that.
func built() api.Version {
	v := api.Version{Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if build, ok := debug.ReadBuildInfo(); ok {
		v.Version = build.Main.Version
		for _, s := range build.Settings {
			if s.Key == "vcs.revision" {
				v.Revision = s.Value
			}
		}
	}
	return v
}

// version describes the binary in one line: module version, commit, compiler
// and platform.
func version() string {
	v, commit := built(), ""
	if v.Revision != "" {
		commit = " commit " + v.Revision[:min(len(v.Revision), 12)]
	}
	return fmt.Sprintf("pushcam %s%s %s %s", cmp.Or(v.Version, "unknown"), commit, v.Go, v.Platform)
}
