package main

import (
	"errors"
	"fmt"
	"maps"

	"github.com/alecthomas/kong"
)

// errAnswered ends a parse that needs no command: help or version is printed.
var errAnswered = errors.New("answered")

// parse reads the command line, the environment and the file that one of them
// names, and returns the command to run. Its errors are one line that names
// the flag, variable or file and says what would be right.
func parse(args, env []string, std stdio) (command, error) {
	parser, err := newParser(std, environment(env))
	if err != nil {
		return nil, fmt.Errorf("flags of this program: %w", err)
	}
	ctx, err := parser.Parse(args)
	if err != nil {
		return nil, err
	}
	cmd, ok := ctx.Selected().Target.Addr().Interface().(command)
	if !ok {
		return nil, fmt.Errorf("%s: not a command", ctx.Selected().Name)
	}
	return cmd, nil
}

// newParser builds the parser for one command line.
func newParser(std stdio, env environment) (*kong.Kong, error) {
	return kong.New(new(config), append(mappers(),
		kong.Name("pushcam"),
		kong.Description("Shows a camera of this machine to every browser on the network."),
		kong.Writers(std.out, std.err),
		kong.NoDefaultHelp(), // kong's own exits the process
		kong.ConfigureHelp(kong.HelpOptions{NoExpandSubcommands: true, Compact: true, WrapUpperBound: 100}),
		kong.Bind(env),
	)...)
}

// BeforeResolve is called by kong when the command is known and before its
// flags get their values: the moment to read environment and file.
func (c *config) BeforeResolve(ctx *kong.Context, env environment) error {
	flag := settable(ctx.Selected())["config"]
	if flag == nil {
		return nil // watch looks at another machine: this one's camera settings are not its business
	}
	known := settable(ctx.Model.DefaultCmd)
	delete(known, "config")

	origin, path := "--config", ctx.FlagValue(flag).(configFile)
	if path == "" {
		origin = envName(flag.Name)
		path = configFile(env.lookup(origin))
	}
	found := settings{}
	if path != "" {
		var err error
		if found, err = readSettings(string(path), known); err != nil {
			return fmt.Errorf("%s: %w", origin, err)
		}
	}
	maps.Copy(found, env.settings(known))
	if err := found.check(known); err != nil {
		return err
	}
	ctx.AddResolver(found)
	return nil
}

// settable returns the flags of a command by name.
func settable(command *kong.Node) map[string]*kong.Flag {
	flags := map[string]*kong.Flag{}
	for _, flag := range command.Flags {
		flags[flag.Name] = flag
	}
	return flags
}

// versionFlag prints the version instead of running a command.
type versionFlag bool

// BeforeReset is called by kong when the flag was given.
func (versionFlag) BeforeReset(k *kong.Kong) error {
	fmt.Fprintln(k.Stdout, version())
	return errAnswered
}
