package main

import (
	"cmp"
	"log/slog"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/pushcam/pushcam/capture/preferences"
)

// stateConfig says where to keep what outlives a restart.
type stateConfig struct {
	StateDir stateFolder `group:"Program:" placeholder:"FOLDER" help:"Folder for what outlives a restart: camera controls that were set, who has logged in, the certificate of --tls auto. Without it, $STATE_DIRECTORY, else pushcam in $XDG_STATE_HOME or ~/.local/state."`
}

// AfterApply is called by kong when all flags have their values.
func (c *stateConfig) AfterApply(env environment) error {
	c.StateDir = cmp.Or(c.StateDir, defaultStateFolder(env, runtime.GOOS))
	return nil
}

// store opens the state directory. Nothing is written before there is
// something to keep.
func (c *stateConfig) store(log *slog.Logger) *preferences.Store {
	return preferences.New(string(c.StateDir), log)
}

// stateFolder is an absolute path, "" when there is no place to keep anything.
type stateFolder string

// UnmarshalText makes the path absolute. A tilde that no shell has replaced is
// a mistake: it would be a folder of that name.
func (f *stateFolder) UnmarshalText(text []byte) error {
	path := strings.TrimSpace(string(text))
	absolute, err := filepath.Abs(path)
	if path == "" || path[0] == '~' || strings.ContainsRune(path, 0) || err != nil {
		return wrong(text, "the path of a folder")
	}
	*f = stateFolder(absolute)
	return nil
}

// defaultStateFolder is systemd's (systemd.exec(5), StateDirectory=), of which
// there may be several, with colons; else that of the XDG Base Directory
// Specification; else the system's usual one.
func defaultStateFolder(env environment, system string) stateFolder {
	folder, _, _ := strings.Cut(env.lookup("STATE_DIRECTORY"), ":")
	if filepath.IsAbs(folder) {
		return stateFolder(folder)
	}
	home := env.lookup("HOME")
	for _, base := range []struct{ path, below string }{
		{env.lookup("XDG_STATE_HOME"), ""},
		{home, usualState(system)},
	} {
		// A path that is not absolute is to be ignored, says the specification.
		if filepath.IsAbs(base.path) {
			return stateFolder(filepath.Join(base.path, base.below, "pushcam"))
		}
	}
	return ""
}

func usualState(system string) string {
	if system == "darwin" {
		return "Library/Application Support"
	}
	return ".local/state"
}
