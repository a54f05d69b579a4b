// Package pattern is a camera made of arithmetic: a moving test card, in real
// time, for when no device is attached and for every test that has to know
// what it should see.
//
// A landscape pans behind the card, so that judder shows; grain lies over all
// of it, so that an encoder pays about what a real sensor would cost it. The
// card carries colour bars, a grey staircase, a circle, a zone plate and a
// star, the time of day for people, and at the bottom a clock for programs.
//
// Slate is the other picture made of arithmetic: what stands in for a camera
// that is lost, and says why.
//
// # The clock
//
// The capture time is drawn as 64 black or white cells, two rows of 32, with a
// column of reference cells at either end:
//
//	     0   1   2   3            33  34  35  36   x, in 36ths of the width
//	34   ┌────────────────────────────────────────┐
//	     │  black margin                          │
//	35   │   ┌───┬───┬───┬── ─ ─ ──┬───┬───┐      │
//	     │   │ W │ 63│ 62│         │ 32│ B │      │
//	37   │   ├───┼───┼───┼── ─ ─ ──┼───┼───┤      │
//	     │   │ B │ 31│ 30│         │  0│ W │      │
//	39   │   └───┴───┴───┴── ─ ─ ──┴───┴───┘      │
//	     │  black margin                          │
//	40   └────────────────────────────────────────┘
//	     y, in 40ths of the height
//
//	bits 63..16  capture time, milliseconds since 1970-01-01 UTC
//	bits 15..0   CRC-16/IBM-3740 (polynomial 0x1021, initial value 0xffff)
//	             of these six bytes, most significant first
//
// A 1 is white. Positions are fractions of the picture, so a scaled picture
// reads the same way; only cropping breaks it. A cell's value is the mean of
// its middle half in both directions. The threshold lies halfway between the
// mean of the two W and the mean of the two B cells, which makes brightness
// and contrast irrelevant; a reader refuses a picture in which these four
// differ by too little or disagree among themselves. The CRC finds every
// error of up to three cells, and all but one in 65536 of the others: a
// reader refuses a damaged clock rather than return a wrong time.
//
// The smallest picture that can be read is about 108 pixels wide and 60 high.
// web/browsertest/clock.js reads the same clock from a canvas.
package pattern
