package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// setting is the value of one flag that was not given on the command line.
type setting struct {
	value  string // as it would stand on the command line, lists with commas
	origin string // where it stood: "PUSHCAM_SIZE", "pushcam.yaml:3: size"
}

// settings are the values from environment and file, by flag name. They are
// those of pushcam serve; a command that has a --config flag takes from them
// what it has flags for.
type settings map[string]setting

var _ kong.Resolver = settings(nil)

// Resolve implements kong.Resolver.
func (s settings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if found, ok := s[flag.Name]; ok {
		return found.value, nil
	}
	return nil, nil
}

// Validate implements kong.Resolver; check has done it, with better errors.
func (s settings) Validate(*kong.Application) error { return nil }

// check decodes every setting, used or not, so that a wrong value is found on
// the day it is written and not on the day another one is removed.
func (s settings) check(flags map[string]*kong.Flag) error {
	names := make([]string, 0, len(s))
	for name := range s {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		flag := flags[name]
		decode := &kong.DecodeContext{
			Value: flag.Value,
			Scan:  kong.Scan().PushTyped(s[name].value, kong.FlagValueToken),
		}
		if err := flag.Mapper.Decode(decode, reflect.New(flag.Target.Type()).Elem()); err != nil {
			return fmt.Errorf("%s: %w", s[name].origin, err)
		}
	}
	return nil
}

// environment is what os.Environ returns.
type environment []string

// lookup returns the value of a variable, "" when it is not set. An empty
// variable counts as not set: that is how service files clear one.
func (e environment) lookup(name string) string {
	for _, entry := range slices.Backward(e) {
		if key, value, _ := strings.Cut(entry, "="); key == name {
			return value
		}
	}
	return ""
}

// settings returns the variables that belong to flags. Others that begin with
// PUSHCAM_ are not looked at: orchestrators make them up for a service of that
// name (PUSHCAM_SERVICE_HOST).
func (e environment) settings(flags map[string]*kong.Flag) settings {
	found := settings{}
	for name := range flags {
		if v := e.lookup(envName(name)); v != "" {
			found[name] = setting{value: v, origin: envName(name)}
		}
	}
	return found
}

// envName is the variable of a flag: PUSHCAM_MEDIA_PORT for media-port.
func envName(flag string) string {
	return "PUSHCAM_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}
