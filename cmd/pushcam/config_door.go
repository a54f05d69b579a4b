package main

import (
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pushcam/pushcam/web"
	"github.com/pushcam/pushcam/web/door"
)

// Names of those who have a password instead of a token.
const (
	operatorName = "operator"
	viewerName   = "viewer"
)

// passwordHash is what pushcam passwd prints, "" for none.
type passwordHash struct{ door.Hash }

// UnmarshalText takes a hash. The error does not repeat the text, which may be
// a password.
func (h *passwordHash) UnmarshalText(text []byte) error { return h.Hash.UnmarshalText(text) }

// String keeps hashes out of what is printed.
func (h passwordHash) String() string {
	if h.Hash == "" {
		return ""
	}
	return "(hash)"
}

// tokenAccount is a program's account.
type tokenAccount struct{ door.Account }

// UnmarshalText reads NAME:ROLE:HASH.
func (a *tokenAccount) UnmarshalText(text []byte) error {
	if err := a.Account.UnmarshalText(text); err != nil {
		return err
	}
	if a.Name == operatorName || a.Name == viewerName {
		return fmt.Errorf("token %s: this is the name of who has a password, choose another", a.Name)
	}
	return nil
}

// proxyNetwork is the address of a proxy, or a network of them.
type proxyNetwork netip.Prefix

// UnmarshalText reads an address or ADDRESS/BITS.
func (p *proxyNetwork) UnmarshalText(text []byte) error {
	if addr, err := netip.ParseAddr(string(text)); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		*p = proxyNetwork(netip.PrefixFrom(addr, addr.BitLen()))
		return nil
	}
	prefix, err := netip.ParsePrefix(string(text))
	if err != nil || prefix.Addr().Is4In6() {
		return wrong(text, "the address of a proxy like 127.0.0.1, or a network like 10.0.0.0/8")
	}
	*p = proxyNetwork(prefix.Masked())
	return nil
}

// frameAncestor is an entry of web.Config's FrameAncestors.
type frameAncestor string

// UnmarshalText takes an origin: everything else could end the header's list.
func (a *frameAncestor) UnmarshalText(text []byte) error {
	if *a = frameAncestor(text); web.CheckFrameAncestor(string(text)) != nil {
		return wrong(text, "an origin like https://home.example.org:8123, or *")
	}
	return nil
}

// openChoice is a web.Opening, "" for what fits the other flags.
type openChoice string

const (
	openLAN  openChoice = "lan"
	openAll  openChoice = "all"
	openNone openChoice = "none"
)

// UnmarshalText reads one of the three.
func (o *openChoice) UnmarshalText(text []byte) error {
	switch *o = openChoice(strings.ToLower(string(text))); *o {
	case openLAN, openAll, openNone:
		return nil
	}
	return wrong(text, "lan, all or none")
}

// doorConfig is who may look, and who may change things.
type doorConfig struct {
	Password       passwordHash    `group:"Access:" placeholder:"HASH" help:"Who logs in with this password may change things, too. Its value is made by pushcam passwd."`
	ViewerPassword passwordHash    `group:"Access:" placeholder:"HASH" help:"Password to look at the camera. Its value is made by pushcam passwd."`
	Open           openChoice      `group:"Access:" placeholder:"lan" help:"Who may look without logging in: lan for everybody on this machine's network, all for whoever can reach it, none. Without it, none if there is a viewer password, else lan."`
	Token          []tokenAccount  `group:"Access:" placeholder:"NAME:ROLE:HASH" help:"Program that may look (role viewer) or also change things (operator), made by pushcam passwd --token. Repeatable; the file and the environment take one or a list."`
	TrustedProxy   []proxyNetwork  `group:"Access:" placeholder:"ADDRESS" help:"Proxy whose X-Forwarded-For or Forwarded tells who asks: an address, or a network like 10.0.0.0/8. Repeatable."`
	FrameAncestor  []frameAncestor `group:"Access:" placeholder:"ORIGIN" help:"Foreign web page that may have the camera's page in a frame, like https://example.org; * for all. Repeatable."`
}

// validate reports values that are right on their own and wrong together.
func (c *doorConfig) validate() error {
	for i, token := range c.Token {
		if slices.ContainsFunc(c.Token[:i], func(other tokenAccount) bool { return other.Name == token.Name }) {
			return fmt.Errorf("--token %s: there are two of this name", token.Name)
		}
	}
	return nil
}

// accounts are of all who can say who they are.
func (c *doorConfig) accounts() (all []door.Account) {
	if c.Password.Hash != "" {
		all = append(all, door.Account{Name: operatorName, Role: door.Operator, Hash: c.Password.Hash, Person: true})
	}
	if c.ViewerPassword.Hash != "" {
		all = append(all, door.Account{Name: viewerName, Role: door.Viewer, Hash: c.ViewerPassword.Hash, Person: true})
	}
	for _, token := range c.Token {
		all = append(all, token.Account)
	}
	return all
}

// opening is who may look without logging in.
func (c *doorConfig) opening() web.Opening {
	switch {
	case c.Open == openAll:
		return web.OpenAll
	case c.Open == openNone || c.Open == "" && c.ViewerPassword.Hash != "":
		return web.OpenNone
	default:
		return web.OpenLAN
	}
}

// sessionsFile is where those are kept who have logged in, "" for nowhere: a
// port of the system's choice is another at the next start, and so are the names
// of its cookies.
func (c *serveConfig) sessionsFile() string {
	if c.StateDir == "" || c.Listen.Port == 0 {
		return ""
	}
	return filepath.Join(string(c.StateDir), fmt.Sprintf("sessions-%d.json", c.Listen.Port))
}

// site is what the web server is told of who may.
func (c *serveConfig) site(log *slog.Logger) (web.Config, error) {
	site := web.Config{Open: c.opening()}
	for _, proxy := range c.TrustedProxy {
		site.Proxies = append(site.Proxies, netip.Prefix(proxy))
	}
	for _, ancestor := range c.FrameAncestor {
		site.FrameAncestors = append(site.FrameAncestors, string(ancestor))
	}
	var err error
	site.Door, err = door.New(door.Config{Accounts: c.accounts(), Sessions: c.sessionsFile(), Log: log})
	return site, err
}
