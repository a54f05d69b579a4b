package main

import (
	"cmp"
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/alecthomas/kong"

	"github.com/pushcam/pushcam/capture"
)

// errNoValue is what a flag at the end of the line gets.
var errNoValue = errors.New("want a value after it")

// mappers teach kong the types of the flags: numbers, durations and bitrates
// are held to the min and max of their field's tag, the others check
// themselves.
func mappers() []kong.Option {
	options := []kong.Option{
		kong.KindMapper(reflect.Int, bounded("a whole number", strconv.Atoi)),
		kong.KindMapper(reflect.Float64, bounded("a number", parseFloat)),
		kong.TypeMapper(reflect.TypeFor[time.Duration](), bounded("a time like 500ms, 5s or 1h,", time.ParseDuration)),
		kong.TypeMapper(reflect.TypeFor[capture.Bitrate](), bounded("bits per second like 800k or 2M,", capture.ParseBitrate)),
	}
	for _, t := range []reflect.Type{
		reflect.TypeFor[accountName](),
		reflect.TypeFor[allowedHost](),
		reflect.TypeFor[allowedOrigin](),
		reflect.TypeFor[assignment](),
		reflect.TypeFor[bearerToken](),
		reflect.TypeFor[capture.Size](),
		reflect.TypeFor[codecChoice](),
		reflect.TypeFor[configFile](),
		reflect.TypeFor[encoderChoice](),
		reflect.TypeFor[fingerprint](),
		reflect.TypeFor[frameAncestor](),
		reflect.TypeFor[ifaceName](),
		reflect.TypeFor[listenAddress](),
		reflect.TypeFor[logLevel](),
		reflect.TypeFor[openChoice](),
		reflect.TypeFor[optionalPort](),
		reflect.TypeFor[passwordHash](),
		reflect.TypeFor[pemFileName](),
		reflect.TypeFor[presetName](),
		reflect.TypeFor[proxyNetwork](),
		reflect.TypeFor[relayURL](),
		reflect.TypeFor[roleName](),
		reflect.TypeFor[servedCodec](),
		reflect.TypeFor[sourceName](),
		reflect.TypeFor[stateFolder](),
		reflect.TypeFor[tlsChoice](),
		reflect.TypeFor[tokenAccount](),
		reflect.TypeFor[viewURL](),
	} {
		options = append(options, kong.TypeMapper(t, kong.MapperFunc(unmarshalText)))
	}
	return options
}

// unmarshalText is the mapper of types that check themselves.
func unmarshalText(ctx *kong.DecodeContext, target reflect.Value) error {
	text, err := popText(ctx)
	if err != nil {
		return err
	}
	u, ok := target.Addr().Interface().(encoding.TextUnmarshaler)
	if !ok {
		return fmt.Errorf("%v: does not read text", target.Type())
	}
	return u.UnmarshalText([]byte(text))
}

// bounded is a mapper for values that parse reads; noun says what they are,
// with what has to stand before "from".
func bounded[T cmp.Ordered](noun string, parse func(string) (T, error)) kong.MapperFunc {
	return func(ctx *kong.DecodeContext, target reflect.Value) error {
		text, err := popText(ctx)
		if err != nil {
			return err
		}
		low, high := ctx.Value.Tag.Get("min"), ctx.Value.Tag.Get("max")
		minimum, errMin := parse(low)
		maximum, errMax := parse(high)
		if err := cmp.Or(errMin, errMax); err != nil {
			return fmt.Errorf("its bounds: %w", err)
		}
		v, err := parse(text)
		if err != nil || !(minimum <= v && v <= maximum) {
			return wrong([]byte(text), fmt.Sprintf("%s from %s to %s", noun, low, high))
		}
		target.Set(reflect.ValueOf(v))
		return nil
	}
}

func popText(ctx *kong.DecodeContext) (string, error) {
	if !ctx.Scan.Peek().IsValue() {
		return "", errNoValue
	}
	return ctx.Scan.Pop().String(), nil
}

func parseFloat(s string) (float64, error) { return strconv.ParseFloat(s, 64) }
