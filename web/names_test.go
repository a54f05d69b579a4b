package web

import (
	"slices"
	"testing"
)

func TestOwnNames(t *testing.T) {
	cases := []struct {
		hostname string
		want     []string
	}{
		{"raspberrypi", []string{"raspberrypi", "raspberrypi.lan", "raspberrypi.home.arpa", "raspberrypi.internal"}},
		{"MacBook.local", []string{"macbook", "macbook.local", "macbook.lan", "macbook.home.arpa", "macbook.internal"}},
		{"pi.corp.example.", []string{"pi", "pi.corp.example", "pi.lan", "pi.home.arpa", "pi.internal"}},
		{"", nil},
		{"my pi", nil},
		{"pi:80", nil},
		{"10.0.0.1", nil},
	}
	for _, c := range cases {
		if got := OwnNames(c.hostname); !slices.Equal(got, c.want) {
			t.Errorf("OwnNames(%q) = %q, want %q", c.hostname, got, c.want)
		}
	}
}
