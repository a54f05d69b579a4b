package h264

import "testing"

func TestBuffers(t *testing.T) {
	whole := stream(t, "P")
	first, rest := whole[:6], whole[6:]
	for _, tt := range []struct {
		name    string
		buffers [][]byte
		want    []string // of each buffer; "!" before what follows a broken one
	}{
		{"one picture each", [][]byte{stream(t, "SQI"), stream(t, "P"), stream(t, "P")}, []string{"SQI,", "P,", "P,"}},
		{"parameter sets apart", [][]byte{stream(t, "S"), stream(t, "Q"), stream(t, "I"), stream(t, "P")}, []string{"", "", "SQI,", "P,"}},
		{"several pictures", [][]byte{stream(t, "SQIP"), stream(t, "APAP")}, []string{"SQI,P,", "AP,AP,"}},
		{"zeros around", [][]byte{stream(t, "00SQI000"), stream(t, "000P0")}, []string{"SQI,", "P,"}},
		{"empty and garbage", [][]byte{nil, {1, 2, 3}, {0, 0, 0, 0}, stream(t, "SQI")}, []string{"", "", "", "SQI,"}},
		{
			"pictures that are cut", [][]byte{stream(t, "SQI"), first, rest, stream(t, "P"), first, rest, stream(t, "SQI"), stream(t, "P")},
			// The first time it shows too late.
			[]string{"SQI,", "P,", "!", "", "P,", "", "P,", "SQI,"},
		},
		{
			"slices apart", [][]byte{stream(t, "SQI"), stream(t, "i"), stream(t, "P"), stream(t, "p"), stream(t, "SQI"), stream(t, "i"), stream(t, "P")},
			[]string{"SQI,", "!", "", "", "Pp,", "", "SQIi,"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b Buffers
			for i, buffer := range tt.buffers {
				got := ""
				if b.Add(buffer, func(unit []byte) { got += letters(unit) + "," }) {
					got = "!" + got
				}
				if got != tt.want[i] {
					t.Errorf("buffer %d: %q, want %q", i, got, tt.want[i])
				}
			}
		})
	}
}

func TestBuffersLost(t *testing.T) {
	var b Buffers
	got := ""
	add := func(buffer []byte) { b.Add(buffer, func(unit []byte) { got += letters(unit) + "," }) }
	add(stream(t, "SQI"))
	add(stream(t, "S"))
	b.Lost()
	if b.Add(stream(t, "iP"), func(unit []byte) { got += letters(unit) + "," }) {
		t.Error("broken, when it was said that buffers are lost")
	}
	if want := "SQI,P,"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
