package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/pushcam/pushcam/web/door"
)

// passwdConfig is the configuration of pushcam passwd.
type passwdConfig struct {
	Token accountName `placeholder:"NAME" help:"Make a token for a program of this name instead, and print it once."`
	Role  roleName    `default:"viewer" help:"What the program may: viewer to look, operator to change things too."`
}

// accountName is a program's.
type accountName string

// UnmarshalText takes what --token takes before its first colon.
func (n *accountName) UnmarshalText(text []byte) error {
	if *n = accountName(text); !door.IsName(string(text)) || *n == operatorName || *n == viewerName {
		return wrong(text, "a name of letters, digits, - and _, but not operator or viewer")
	}
	return nil
}

// roleName is the role of an account.
type roleName struct{ door.Role }

// UnmarshalText reads viewer or operator.
func (n *roleName) UnmarshalText(text []byte) error {
	if n.Role.UnmarshalText(text) != nil {
		return wrong(text, "viewer or operator")
	}
	return nil
}

// run implements command.
func (c *passwdConfig) run(ctx context.Context, std stdio) error {
	if c.Token != "" {
		return c.makeToken(std)
	}
	password, err := askPassword(ctx, os.Stdin, std.err)
	if err != nil {
		return err
	}
	hash, err := door.NewHash(password)
	if err != nil {
		return err
	}
	fmt.Fprintln(std.out, hash)
	return nil
}

// makeToken prints the configuration's line, which is no secret, to standard
// output, and the token beside it.
func (c *passwdConfig) makeToken(std stdio) error {
	secret := door.NewSecret()
	hash, err := door.NewHash(secret)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.err, "For the program, as Bearer token (not shown again): %s.%s\n"+
		"For pushcam serve --token, or the file's token:\n", c.Token, secret)
	fmt.Fprintln(std.out, door.Account{Name: string(c.Token), Role: c.Role.Role, Hash: hash})
	return nil
}

// askPassword is readPassword until ctx ends: then the terminal shows again what
// is typed. Nothing can end the read itself, but the end of the process.
func askPassword(ctx context.Context, in *os.File, out io.Writer) (string, error) {
	type answer struct {
		password string
		err      error
	}
	before, terminalErr := term.GetState(int(in.Fd()))
	got := make(chan answer, 1)
	go func() {
		password, err := readPassword(in, out)
		got <- answer{password, err}
	}()
	select {
	case a := <-got:
		return a.password, a.err
	case <-ctx.Done():
		if terminalErr == nil {
			_ = term.Restore(int(in.Fd()), before) // the program ends, and has said so
		}
		return "", ctx.Err()
	}
}

// readPassword asks a person twice, without showing it, and reads one line of
// anything else.
func readPassword(in *os.File, out io.Writer) (string, error) {
	if !term.IsTerminal(int(in.Fd())) {
		return readLine(in)
	}
	ask := func(prompt string) (string, error) {
		fmt.Fprint(out, prompt)
		defer fmt.Fprintln(out)
		text, err := term.ReadPassword(int(in.Fd()))
		if err != nil {
			return "", fmt.Errorf("read password: %w", err)
		}
		return string(text), nil
	}
	first, err := ask("Password: ")
	if err != nil {
		return "", err
	}
	second, err := ask("Again: ")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", errors.New("read password: the two are not the same")
	}
	return first, nil
}

// readLine reads the first line, without its end.
func readLine(in io.Reader) (string, error) {
	const longest = 1 << 10
	line, err := bufio.NewReader(io.LimitReader(in, longest)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read password: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}
