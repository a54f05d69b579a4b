package main

import (
	"fmt"

	"github.com/alecthomas/kong"
)

// helpFlag prints the help instead of running a command.
type helpFlag bool

// IgnoreDefault keeps kong from selecting the default command, whose help
// would then stand in for the program's.
func (helpFlag) IgnoreDefault() {}

// BeforeReset is called by kong when the flag was given.
func (helpFlag) BeforeReset(ctx *kong.Context) error {
	if err := ctx.PrintUsage(false); err != nil {
		return fmt.Errorf("help: %w", err)
	}
	return errAnswered
}

// Help is kong's place for the long text of a command.
func (c *config) Help() string {
	return `Without a command it is pushcam serve, and takes the flags of pushcam serve --help. Then open the printed URL in a browser.`
}

// Help is kong's place for the long text of a command.
func (c *serveConfig) Help() string {
	return `Each flag can also be set in the environment (--media-port as PUSHCAM_MEDIA_PORT; lists with commas) ` +
		`or in the YAML file of --config (media-port: 1990). The command line counts first, then the environment, then the file.`
}
