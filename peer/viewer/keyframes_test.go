package viewer

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestKeyframesAreAskedForInTime(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		name string
		do   func(k *keyframes)
		want []time.Duration // after the start
	}{
		{"none needed", func(k *keyframes) { k.came(); pass(time.Second) }, nil},
		{"none comes", func(*keyframes) { pass(500 * ms) }, []time.Duration{200 * ms, 400 * ms}},
		{"it comes by itself", func(k *keyframes) {
			pass(100 * ms)
			k.came()
			pass(time.Second)
		}, nil},
		{"a picture breaks", func(k *keyframes) {
			k.came()
			pass(300 * ms)
			k.need()
			pass(100 * ms)
			k.came()
			pass(time.Second)
		}, []time.Duration{300 * ms}},
		{"many break", func(k *keyframes) {
			k.came()
			for range 30 {
				k.need()
				pass(10 * ms)
			}
		}, []time.Duration{0, 200 * ms}},
		{"it breaks again", func(k *keyframes) {
			k.need()
			pass(50 * ms)
			k.came()
			pass(50 * ms)
			k.need()
			pass(150 * ms)
			k.came()
			pass(time.Second)
		}, []time.Duration{0, 200 * ms}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := newKeyframes()
				k.needed.Store(true)
				start, done, ended := time.Now(), make(chan struct{}), make(chan struct{})
				var got []time.Duration
				go func() {
					defer close(ended)
					k.run(done, func() { got = append(got, time.Since(start)) })
				}()
				tt.do(&k)
				close(done)
				<-ended
				if !slices.Equal(got, tt.want) || int(k.sent.Load()) != len(tt.want) {
					t.Errorf("asked at %v, counted %d, want %v", got, k.sent.Load(), tt.want)
				}
			})
		})
	}
}

// pass lets the test's own clock run.
func pass(d time.Duration) { <-time.After(d) }
