package main

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestAddresses(t *testing.T) {
	for _, c := range []struct {
		into       encoding.TextUnmarshaler
		text, want string
	}{
		{new(listenAddress), ":1990", ":1990"},
		{new(listenAddress), "0.0.0.0:0", "0.0.0.0:0"},
		{new(listenAddress), "[::1]:80", "[::1]:80"},
		{new(listenAddress), "[fe80::1%eth0]:80", "[fe80::1%eth0]:80"},
		{new(listenAddress), "pi.local:1990", "pi.local:1990"},
		{new(relayURL), "ws://192.168.1.20:1990", "ws://192.168.1.20:1990"},
		{new(relayURL), "wss://relay.example/cam?key=1", "wss://relay.example/cam?key=1"},
		{new(relayURL), "ws://[::1]:1990/", "ws://[::1]:1990/"},
		{new(viewURL), "pi.local", "ws://pi.local:1990"},
		{new(viewURL), "192.168.1.20:80", "ws://192.168.1.20:80"},
		{new(viewURL), "[::1]", "ws://[::1]:1990"},
		{new(viewURL), "http://pi.local/", "ws://pi.local/"},
		{new(viewURL), "https://cam.example:8443", "wss://cam.example:8443"},
		{new(viewURL), "http://pi.local:1990/whep", "http://pi.local:1990/whep"},
		{new(viewURL), "https://media.example/cam/whep?token=1", "https://media.example/cam/whep?token=1"},
		{new(viewURL), "ws://pi.local/whep", "ws://pi.local/whep"},
		{new(viewURL), "viewer:look@pi.local", "ws://pi.local:1990"},
		{new(viewURL), "https://viewer:look@pi.local/whep", "https://pi.local/whep"},
		{new(bearerToken), "recorder.a-Z_9", "(token)"},
		{new(fingerprint), "ab" + strings.Repeat(":CD", 31), "AB" + strings.Repeat(":CD", 31)},
		{new(fingerprint), strings.Repeat("0f", 32), "0F" + strings.Repeat(":0F", 31)},
		{new(iceServer), "stun:stun.example.org:3478", "{{stun:stun.example.org:3478  }}"},
		{new(viewURL), "WSS://cam.example", "wss://cam.example"},
		{new(allowedOrigin), "https://example.org:8123", "https://example.org:8123"},
		{new(allowedOrigin), "home.example.org", "home.example.org"},
		{new(allowedOrigin), "null", "null"},
		{new(allowedOrigin), "*", "*"},
		{new(allowedHost), "camera.example.org", "camera.example.org"},
		{new(allowedHost), "*", "*"},
		{new(ifaceName), "enp3s0", "enp3s0"},
		{new(ifaceName), "wlan0.5", "wlan0.5"},
	} {
		t.Run(fmt.Sprintf("%T %s", c.into, c.text), func(t *testing.T) {
			if err := c.into.UnmarshalText([]byte(c.text)); err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(reflect.ValueOf(c.into).Elem()); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
